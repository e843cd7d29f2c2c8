import SystemPackage

/// Splits the bytes from a descriptor into records, in bounded memory: one read buffer and one record of at most the
/// limit.
///
/// The last record may lack its terminator. Two terminators in a row enclose an empty record. The descriptor is
/// borrowed, and stays open.
struct RecordReader: ~Copyable {
  /// In bytes. The paths of a walk are not bounded by `PATH_MAX`: this admits 16,000 levels of the longest names. (A
  /// line with a path within `PATH_MAX` has 8.4 kB at most: each byte escaped to two, and a SHA-512.)
  /// ``LongPathBudget`` bounds how many bytes of long paths are in memory.
  static let defaultLengthLimit = 4 << 20
  /// The capacity of a pipe: a larger read returns no more. For files it is a guess.
  static let defaultReadSize = 64 * 1024

  private let descriptor: FileDescriptor
  private let terminator: RecordTerminator
  private let lengthLimit: Int
  private var buffer: [UInt8]
  private var unread: Range<Int> = 0..<0
  private var isAtEnd = false
  private var recordsRead = 0

  init(
    _ descriptor: FileDescriptor, terminator: RecordTerminator,
    lengthLimit: Int = RecordReader.defaultLengthLimit, readSize: Int = RecordReader.defaultReadSize
  ) {
    precondition(lengthLimit >= 0 && readSize > 0)
    self.descriptor = descriptor
    self.terminator = terminator
    self.lengthLimit = lengthLimit
    buffer = [UInt8](repeating: 0, count: readSize)
  }

  /// The next record if all of it is in the buffer. Does not read, and so neither blocks nor fails. After `nil` there
  /// may be more records.
  mutating func nextBuffered() -> Record? {
    guard let end = buffer[unread].firstIndex(of: terminator.rawValue) else { return nil }
    let piece = unread.lowerBound..<end
    unread = (end + 1)..<unread.upperBound
    return record(piece.count <= lengthLimit ? Array(buffer[piece]) : [], piece.count)
  }

  /// The next record, or `nil` at the end of the input. Blocks while a pipe or a terminal is empty.
  mutating func next() throws(Errno) -> Record? {
    var bytes: [UInt8] = []
    var length = 0
    while true {
      if unread.isEmpty { try refill() }
      if unread.isEmpty { return length == 0 ? nil : record(bytes, length) }

      let end = buffer[unread].firstIndex(of: terminator.rawValue)
      let piece = unread.lowerBound..<(end ?? unread.upperBound)
      length += piece.count
      if length <= lengthLimit { bytes += buffer[piece] }
      unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
      if end != nil { return record(bytes, length) }
    }
  }

  private mutating func refill() throws(Errno) {
    // A terminal would give more after its end of file, so the end is remembered.
    if isAtEnd { return }
    unread = 0..<(try descriptor.waitAndRead(into: &buffer))
    isAtEnd = unread.isEmpty
  }

  private mutating func record(_ bytes: [UInt8], _ length: Int) -> Record {
    recordsRead += 1
    let isTooLong = length > lengthLimit
    return Record(
      number: recordsRead,
      bytes: isTooLong ? .failure(RecordTooLong(length: length, limit: lengthLimit)) : .success(bytes))
  }
}

/// The bytes between two terminators.
struct Record: Sendable {
  /// Counted from 1, as editors count lines.
  let number: Int
  /// Without the terminator.
  let bytes: Result<[UInt8], RecordTooLong>
}

/// A record over the reader's limit. Its bytes were skipped, and the records after it are read as usual.
struct RecordTooLong: Error, Equatable, CustomStringConvertible {
  let length: Int
  let limit: Int

  var description: String { "too long: \(length) bytes, and the limit is \(limit)" }
}

/// The byte that ends a record: a line of a manifest or of a list of files.
enum RecordTerminator: UInt8, Sendable {
  case newline = 0x0A
  /// As `find -print0` writes it. No file name contains a NUL, so names need no escaping.
  case nul = 0x00
}
