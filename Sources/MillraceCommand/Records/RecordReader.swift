import SystemPackage

/// Splits what comes from a descriptor into records, in memory that does not depend on the input: one read buffer and
/// one record of at most the limit.
///
/// The last record may lack its terminator. Two terminators in a row make an empty record; whether that means anything
/// is the caller's to say. The descriptor is borrowed, and stays open.
struct RecordReader: ~Copyable {
  /// In bytes. Nothing bounds the paths that a walk from directory to directory gives: these are 16,000 levels of the
  /// longest names. (A line with a path that the kernel takes at once has 8.4 kB at most: `PATH_MAX` bytes, each
  /// escaped to two, and a SHA-512.) ``LongPathBudget`` bounds how much of them is in memory.
  static let defaultLengthLimit = 4 << 20
  /// The capacity of a pipe: a larger read returns no more. A guess for files; never measured to matter.
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

  /// The next record if all of it is in the buffer: does not read, and so neither blocks nor fails. `nil` says nothing
  /// about whether there are more.
  mutating func nextBuffered() -> Record? {
    guard let end = buffer[unread].firstIndex(of: terminator.rawValue) else { return nil }
    let piece = unread.lowerBound..<end
    unread = (end + 1)..<unread.upperBound
    return record(piece.count <= lengthLimit ? Array(buffer[piece]) : [], piece.count)
  }

  /// The next record, or `nil` at the end of the input. Blocks while a pipe or a terminal has nothing to give.
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
