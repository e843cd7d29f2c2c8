internal import CMemorySearch
public import FilePipeline
import Glibc

/// Finds the first occurrence of a text in a file, byte for byte. The rest of the file is not read. The output is nil
/// if the text does not occur.
///
/// ```swift
/// FilePipeline.files(under: "logs")
///   .reduce { FirstMatch("ERROR") }
///   .forEach { file in
///     if let match = try file.value { print(match.line, match.text) }
///   }
/// ```
///
/// Whole pieces are searched, and lines are counted only before the match. Lines may have any length.
public struct FirstMatch: ByteReducer, Sendable {
  /// Where a text was found.
  public struct Match: Sendable, Hashable {
    /// The number of the line, from 1 on.
    public let line: Int
    /// Where the match begins, in bytes from the start of the file.
    public let offset: Int64
    /// The same from the start of the line.
    public let column: Int
    /// The line without its newline, and without a carriage return before that. Of a line longer than
    /// ``FirstMatch/lineLimit`` these are the first bytes, which may end before the match.
    public let bytes: [UInt8]
    /// Whether ``bytes`` are only the beginning of the line.
    public let isLineCut: Bool

    public init(line: Int, offset: Int64, column: Int, bytes: [UInt8], isLineCut: Bool) {
      (self.line, self.offset, self.column) = (line, offset, column)
      (self.bytes, self.isLineCut) = (bytes, isLineCut)
    }

    /// ``bytes`` as UTF-8; what is none becomes U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// How many bytes of a line are kept: 64 KiB. A guess: more than a person reads, and less than a read buffer.
  public static let lineLimit = 64 * 1024

  private let wanted: [UInt8]
  private var line = LineStart()
  /// The last bytes of the unfinished line: a match may begin among them and end in the next piece.
  private var tail: [UInt8] = []
  /// The number of bytes in the previous pieces.
  private var offset: Int64 = 0
  private var found: Int64?

  /// True when the line of the match has ended, or is longer than the limit.
  public private(set) var hasEnough = false

  /// - Precondition: as for ``init(bytes:)``.
  public init(_ text: String) {
    self.init(bytes: text.utf8)
  }

  /// - Precondition: there is at least one byte, and none is a newline.
  public init(bytes: some Collection<UInt8>) {
    wanted = Array(bytes)
    precondition(!wanted.isEmpty, "nothing to look for")
    precondition(!wanted.contains(newline), "a match lies within a line")
  }

  public mutating func update(_ bytes: RawSpan) {
    if hasEnough { return }
    bytes.withUnsafeBytes { bytes in
      if found == nil { search(bytes) } else { takeEnd(bytes) }
    }
    offset += Int64(bytes.byteCount)
  }

  public mutating func finish() -> Match? {
    guard let found else { return nil }
    let (bytes, isCut) = line.content(isTerminated: hasEnough)
    return Match(
      line: line.number, offset: found, column: Int(found - line.offset), bytes: bytes, isLineCut: isCut)
  }

  private mutating func search(_ bytes: UnsafeRawBufferPointer) {
    // A match that began in an earlier piece comes before any in this one.
    if let before = matchAcross(bytes) {
      found = offset - Int64(before)
      return takeEnd(bytes)
    }
    guard let index = bytes.firstOffset(of: wanted) else { return skip(bytes) }
    found = offset + Int64(index)
    let start = line.advance(over: bytes.prefix(index), at: offset)
    takeEnd(UnsafeRawBufferPointer(rebasing: bytes[start...]))
  }

  /// How many bytes before this piece a match begins that ends in it; nil if there is none.
  private mutating func matchAcross(_ bytes: UnsafeRawBufferPointer) -> Int? {
    if tail.isEmpty { return nil }
    let count = tail.count
    tail.append(contentsOf: bytes.prefix(wanted.count - 1))
    defer { tail.removeLast(tail.count - count) }
    return tail.withUnsafeBytes { $0.firstOffset(of: wanted) }.map { count - $0 }
  }

  /// Consumes a piece without a match.
  private mutating func skip(_ bytes: UnsafeRawBufferPointer) {
    let start = line.advance(over: bytes[...], at: offset)
    let rest = bytes[start...]
    line.append(UnsafeRawBufferPointer(rebasing: rest))
    if start > 0 { tail.removeAll(keepingCapacity: true) }
    tail.append(contentsOf: rest.suffix(wanted.count - 1))
    tail.removeFirst(max(0, tail.count - (wanted.count - 1)))
  }

  /// Takes the rest of the line of the match, as far as it is in this piece.
  private mutating func takeEnd(_ bytes: UnsafeRawBufferPointer) {
    let end = bytes.firstIndex(of: newline)
    line.append(UnsafeRawBufferPointer(rebasing: bytes[..<(end ?? bytes.count)]))
    hasEnough = end != nil || line.isSurelyCut
  }
}

private let newline = UInt8(ascii: "\n")

/// The beginning of the line that the search is in.
private struct LineStart {
  /// Two bytes above the limit, since a carriage return at the end does not belong to the line.
  private static let kept = FirstMatch.lineLimit + 2

  private(set) var number = 1
  /// From the start of the file.
  private(set) var offset: Int64 = 0
  private var bytes: [UInt8] = []

  /// Whether the line is longer than the limit, with or without a carriage return at its end.
  var isSurelyCut: Bool { bytes.count == Self.kept }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more.prefix(Self.kept - bytes.count))
  }

  /// Advances to the last line that begins within or before these bytes of a piece, which is at `start` in the file.
  ///
  /// - Returns: the index in the piece of the first byte of the line that was not appended yet.
  mutating func advance(over passed: Slice<UnsafeRawBufferPointer>, at start: Int64) -> Int {
    let passed = UnsafeRawBufferPointer(rebasing: passed)
    guard let last = passed.lastOffset(of: newline) else { return 0 }
    number += passed.count(of: newline)
    offset = start + Int64(last) + 1
    bytes.removeAll(keepingCapacity: true)
    return last + 1
  }

  func content(isTerminated: Bool) -> (bytes: [UInt8], isCut: Bool) {
    var content = bytes
    if isTerminated && !isSurelyCut && content.last == UInt8(ascii: "\r") { content.removeLast() }
    let isCut = content.count > FirstMatch.lineLimit
    return (isCut ? Array(content.prefix(FirstMatch.lineLimit)) : content, isCut)
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func firstOffset(of wanted: [UInt8]) -> Int? {
    guard let base = baseAddress else { return nil }
    return wanted.withUnsafeBytes { cmemory_find(base, count, $0.baseAddress!, $0.count).map { $0 - base } }
  }

  fileprivate func lastOffset(of byte: UInt8) -> Int? {
    guard let base = baseAddress else { return nil }
    return cmemory_find_last(base, Int32(byte), count).map { $0 - base }
  }

  fileprivate func firstIndex(of byte: UInt8) -> Int? {
    guard let base = baseAddress else { return nil }
    return memchr(base, Int32(byte), count).map { UnsafeRawPointer($0) - base }
  }

  fileprivate func count(of byte: UInt8) -> Int {
    guard let base = baseAddress else { return 0 }
    return cmemory_count(base, Int32(byte), count)
  }
}
