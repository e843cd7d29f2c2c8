/// A byte stage that transforms a file line by line.
///
/// Its body appends the output for a line, including the terminator:
///
/// ```swift
/// .transform {
///   LineStage { line, output in
///     if line.hasPrefix("#") { return }                    // dropped
///     if !line.contains("password=") { return output.append(line) }   // kept as it is
///     output.append(contentsOf: "(removed)".utf8)          // replaced
///     output.append(line.terminator)
///   }
/// }
/// ```
public struct LineStage: ByteStage {
  private var splitter: LineSplitter
  private let body: @Sendable (Line, inout ByteOutput) throws -> ByteDemand

  /// - Parameters:
  ///   - limit: the length of a line in bytes, at most; a file with a longer one fails with ``LineTooLong``.
  ///   - body: appends the output for the line. An error fails the file.
  public init(
    limit: Int = LineSplitter.defaultLimit, _ body: @escaping @Sendable (Line, inout ByteOutput) throws -> Void
  ) {
    self.init(limit: limit) { line, output -> ByteDemand in
      try body(line, &output)
      return .more
    }
  }

  /// The same with a body that returns whether it wants further lines.
  @_disfavoredOverload
  public init(
    limit: Int = LineSplitter.defaultLimit, _ body: @escaping @Sendable (Line, inout ByteOutput) throws -> ByteDemand
  ) {
    self.body = body
    splitter = LineSplitter(limit: limit)
  }

  /// A filter: passes on the lines for which `isKept` is true.
  public init(limit: Int = LineSplitter.defaultLimit, where isKept: @escaping @Sendable (Line) throws -> Bool) {
    self.init(limit: limit) { line, output -> Void in
      if try isKept(line) { output.append(line) }
    }
  }

  public var hasEnough: Bool { splitter.hasEnough }

  public mutating func transform(_ input: RawSpan, into output: inout ByteOutput) throws {
    let body = body
    try splitter.split(input) { try body($0, &output) }
  }

  public mutating func finish(into output: inout ByteOutput) throws {
    let body = body
    try splitter.finish { try body($0, &output) }
  }
}

extension ByteOutput {
  /// Appends a line with its terminator.
  @inlinable
  public mutating func append(_ line: Line) {
    append(line.bytes)
    append(line.terminator)
  }

  @inlinable
  public mutating func append(_ terminator: Line.Terminator) {
    if terminator == .carriageReturnNewline { append(UInt8(ascii: "\r")) }
    if terminator != .none { append(UInt8(ascii: "\n")) }
  }
}
