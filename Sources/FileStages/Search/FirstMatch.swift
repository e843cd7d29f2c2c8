internal import CMemorySearch
public import FilePipeline
import Glibc

/// Looks for the first place in a file where a text occurs, byte for byte. The rest of the file is not read; the output
/// is nil if there is no such place.
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
    /// The line without its newline, and without a carriage return before that; its beginning if it is longer than
    /// ``FirstMatch/lineLimit``, which the match may then be behind.
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

  /// How much of a line is kept: 64 KiB. A guess: more than is looked at, and little beside a read buffer.
  public static let lineLimit = 64 * 1024

  private let wanted: [UInt8]
  private var line = LineStart()
  /// The last bytes of the unfinished line: a match may begin among them and end in the next piece.
  private var tail: [UInt8] = []
  /// How many bytes there were in the pieces before.
  private var offset: Int64 = 0
  private var found: Int64?

  /// Once the line of the match is at its end, or so much of it has been seen that it will be cut.
  public private(set) var hasEnough = false

  /// - Precondition: as for ``init(bytes:)``.
  public init(_ text: String) {
    self.init(bytes: text.utf8)
  }

  /// - Precondition: there is a byte at least, and none of them is a newline.
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
    guard let place = bytes.firstOffset(of: wanted) else { return skip(bytes) }
    found = offset + Int64(place)
    let start = line.advance(over: bytes.prefix(place), at: offset)
    takeEnd(UnsafeRawBufferPointer(rebasing: bytes[start...]))
  }

  /// How many bytes before this piece a match begins that ends in it.
  private mutating func matchAcross(_ bytes: UnsafeRawBufferPointer) -> Int? {
    if tail.isEmpty { return nil }
    let count = tail.count
    tail.append(contentsOf: bytes.prefix(wanted.count - 1))
    defer { tail.removeLast(tail.count - count) }
    return tail.withUnsafeBytes { $0.firstOffset(of: wanted) }.map { count - $0 }
  }

  /// No match begins and ends in what has come so far.
  private mutating func skip(_ bytes: UnsafeRawBufferPointer) {
    let start = line.advance(over: bytes[...], at: offset)
    let rest = bytes[start...]
    line.append(UnsafeRawBufferPointer(rebasing: rest))
    if start > 0 { tail.removeAll(keepingCapacity: true) }
    tail.append(contentsOf: rest.suffix(wanted.count - 1))
    tail.removeFirst(max(0, tail.count - (wanted.count - 1)))
  }

  /// Takes the rest of the line of the match, or what there is of it.
  private mutating func takeEnd(_ bytes: UnsafeRawBufferPointer) {
    let end = bytes.firstIndex(of: newline)
    line.append(UnsafeRawBufferPointer(rebasing: bytes[..<(end ?? bytes.count)]))
    hasEnough = end != nil || line.isSurelyCut
  }
}

private let newline = UInt8(ascii: "\n")

/// The beginning of the line that the search is in.
private struct LineStart {
  /// Two bytes above the limit: a carriage return may turn out to be none of the line's bytes.
  private static let kept = FirstMatch.lineLimit + 2

  private(set) var number = 1
  /// From the start of the file.
  private(set) var offset: Int64 = 0
  private var bytes: [UInt8] = []

  /// Whether the line is longer than what is kept, however it ends.
  var isSurelyCut: Bool { bytes.count == Self.kept }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more.prefix(Self.kept - bytes.count))
  }

  /// Goes to the last line that begins in or before these bytes of a piece, which begins at `start` in the file.
  ///
  /// - Returns: where in the piece bytes of the line begin that it has not been given.
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
