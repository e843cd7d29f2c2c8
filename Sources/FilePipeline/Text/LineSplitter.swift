/// Splits a stream of bytes into lines.
///
/// A line within one piece of the stream is passed on without a copy. A line that spans pieces is assembled in a
/// buffer, which is reused. The boundaries of pieces have no effect on the lines.
///
/// ```swift
/// var splitter = LineSplitter()
/// for piece in pieces {
///   try splitter.split(piece) { line in
///     print(line.number, line.text)
///     return .more
///   }
/// }
/// try splitter.finish { line in … }   // the last line, if it has no newline
/// ```
///
/// A line ends with a newline, or with a carriage return and a newline, which are not part of it. The bytes after the
/// last newline are a line too, unless there are none.
public struct LineSplitter: Sendable {
  /// The default limit for the length of a line: 1 MiB, or eight read buffers. Lines of text have some hundreds of
  /// bytes, and JSON records some thousands. The limit bounds the memory of all workers if files have no newlines.
  public static let defaultLimit = 1 << 20

  /// The length of a line in bytes without its terminator, at most.
  public let limit: Int

  /// Whether the body has returned ``FileEngines/ByteDemand/enough``. It is not called again.
  public private(set) var hasEnough = false

  /// The beginning of a line whose end has not arrived.
  private var carry: [UInt8] = []
  /// The number and the offset of the next line.
  private var (number, offset) = (1, Int64(0))

  public init(limit: Int = defaultLimit) {
    precondition(limit >= 0, "a line has no negative number of bytes")
    self.limit = limit
  }

  /// Processes the next piece: calls `body` with each line that ends in it.
  ///
  /// - Throws: ``LineTooLong``, after which the splitter must not be used; what `body` throws.
  public mutating func split(_ piece: RawSpan, _ body: (Line) throws -> ByteDemand) throws {
    var start = 0
    while !hasEnough {
      guard let newline = piece.firstOffset(of: UInt8(ascii: "\n"), from: start) else {
        return try keep(piece.extracting(start...))
      }
      try end(with: piece.extracting(start..<newline), body)
      start = newline + 1
    }
  }

  /// Called after the last piece: calls `body` with the last line, if it has no newline.
  public mutating func finish(_ body: (Line) throws -> ByteDemand) throws {
    if hasEnough || carry.isEmpty { return }
    let last = carry
    carry = []
    try pass(last.span.bytes, .none, body)
  }

  /// Keeps bytes without a newline. A carriage return at their end may belong to the terminator.
  private mutating func keep(_ bytes: RawSpan) throws {
    if bytes.byteCount == 0 { return }
    let count = carry.count + bytes.byteCount
    let isLongEnd = count == limit + 1 && bytes.byte(at: bytes.byteCount - 1) == UInt8(ascii: "\r")
    if count > limit && !isLongEnd { throw LineTooLong(number: number, limit: limit) }
    bytes.withUnsafeBytes { carry.append(contentsOf: $0) }
  }

  /// Ends a line with these bytes, which a newline follows.
  @inline(__always)
  private mutating func end(with bytes: RawSpan, _ body: (Line) throws -> ByteDemand) throws {
    if carry.isEmpty { return try passTerminated(bytes, body) }
    try keep(bytes)
    // Taken out because `body` runs while `self` is modified.
    var whole: [UInt8] = []
    swap(&whole, &carry)
    try passTerminated(whole.span.bytes, body)
    swap(&whole, &carry)
    carry.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private mutating func passTerminated(_ bytes: RawSpan, _ body: (Line) throws -> ByteDemand) throws {
    let last = bytes.byteCount - 1
    if last >= 0 && bytes.byte(at: last) == UInt8(ascii: "\r") {
      try pass(bytes.extracting(..<last), .carriageReturnNewline, body)
    } else {
      try pass(bytes, .newline, body)
    }
  }

  @inline(__always)
  private mutating func pass(
    _ bytes: RawSpan, _ terminator: Line.Terminator, _ body: (Line) throws -> ByteDemand
  ) throws {
    if bytes.byteCount > limit { throw LineTooLong(number: number, limit: limit) }
    let line = Line(bytes, number: number, offset: offset, terminator: terminator)
    number += 1
    offset += Int64(bytes.byteCount + terminator.byteCount)
    if try body(line) == .enough { hasEnough = true }
  }
}

/// A line is longer than the limit of a ``LineSplitter``.
public struct LineTooLong: Error, Hashable, CustomStringConvertible {
  /// The number of the line, from 1.
  public let number: Int
  /// The limit in bytes.
  public let limit: Int

  public init(number: Int, limit: Int) {
    (self.number, self.limit) = (number, limit)
  }

  public var description: String { "Line \(number) has more than \(limit) bytes" }
}
