/// Finds the lines in bytes that come piece by piece.
///
/// A line that lies within one piece is passed on where it is; one that goes from a piece into the next is put together
/// in a buffer that is used again for each such line. Where pieces begin and end has no effect on the lines.
///
/// ```swift
/// var splitter = LineSplitter()
/// for piece in pieces {
///   try splitter.split(piece) { line in
///     print(line.number, line.text)
///     return .more
///   }
/// }
/// try splitter.finish { line in … }   // the last line, if no newline is behind it
/// ```
///
/// A line ends with a newline, or a carriage return and a newline; neither is a part of it. What follows the last
/// newline is a line too, unless it is empty.
public struct LineSplitter: Sendable {
  /// The longest line unless another bound is given: 1 MiB, eight read buffers. Lines that are written to be read have
  /// some hundreds of bytes, and a JSON record some thousands; a file without newlines is met long before it fills up
  /// the memory of as many workers as there are.
  public static let defaultLimit = 1 << 20

  /// How many bytes a line may have, its terminator not counted.
  public let limit: Int

  /// Whether the body said ``FileEngines/ByteDemand/enough``. It is not called again.
  public private(set) var hasEnough = false

  /// The beginning of a line whose end has not come yet.
  private var carry: [UInt8] = []
  /// Of the next line.
  private var (number, offset) = (1, Int64(0))

  public init(limit: Int = defaultLimit) {
    precondition(limit >= 0, "a line has no negative number of bytes")
    self.limit = limit
  }

  /// Takes the next piece, and calls `body` with each line that ends in it.
  ///
  /// - Throws: ``LineTooLong``, after which nothing may follow, or what `body` throws.
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

  /// After the last piece: calls `body` with the last line, if no newline is behind it.
  public mutating func finish(_ body: (Line) throws -> ByteDemand) throws {
    if hasEnough || carry.isEmpty { return }
    let last = carry
    carry = []
    try pass(last.span.bytes, .none, body)
  }

  /// Keeps what has no newline. It may have a carriage return at its end that turns out to belong to the terminator.
  private mutating func keep(_ bytes: RawSpan) throws {
    if bytes.byteCount == 0 { return }
    let count = carry.count + bytes.byteCount
    let isLongEnd = count == limit + 1 && bytes.byte(at: bytes.byteCount - 1) == UInt8(ascii: "\r")
    if count > limit && !isLongEnd { throw LineTooLong(number: number, limit: limit) }
    bytes.withUnsafeBytes { carry.append(contentsOf: $0) }
  }

  /// A newline follows these bytes.
  @inline(__always)
  private mutating func end(with bytes: RawSpan, _ body: (Line) throws -> ByteDemand) throws {
    if carry.isEmpty { return try passTerminated(bytes, body) }
    try keep(bytes)
    // Taken out while it is read: `self` is changed meanwhile.
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

/// A line has more bytes than a ``LineSplitter`` takes.
public struct LineTooLong: Error, Hashable, CustomStringConvertible {
  /// Of the line, from 1 on.
  public let number: Int
  /// In bytes.
  public let limit: Int

  public init(number: Int, limit: Int) {
    (self.number, self.limit) = (number, limit)
  }

  public var description: String { "Line \(number) has more than \(limit) bytes" }
}
