/// A reducer that processes a file line by line.
///
/// The sum of a column of a CSV file without quotation marks:
///
/// ```swift
/// FilePipeline.files(under: "SampleData/Tables")
///   .reduce {
///     LineReduction(into: 0.0) { sum, line in
///       sum += line.field(at: 2, separatedBy: UInt8(ascii: ","))?.decimal ?? 0
///     }
///   }
///   .forEach { file in print(try file.value) }
/// ```
///
/// A body that returns a ``FileEngines/ByteDemand`` can leave the rest of the file unread:
///
/// ```swift
/// LineReduction(into: [String]()) { header, line in
///   if line.isEmpty { return .enough }
///   header.append(line.text)
///   return .more
/// }
/// ```
public struct LineReduction<Value: Sendable>: ByteReducer {
  private var value: Value
  private var splitter: LineSplitter
  private let body: @Sendable (inout Value, Line) throws -> ByteDemand

  /// - Parameters:
  ///   - value: the initial value, and the output of a file without lines.
  ///   - limit: the length of a line in bytes, at most; a file with a longer one fails with ``LineTooLong``.
  ///   - body: updates the value with a line. An error fails the file.
  public init(
    into value: Value, limit: Int = LineSplitter.defaultLimit,
    _ body: @escaping @Sendable (inout Value, Line) throws -> Void
  ) {
    self.init(into: value, limit: limit) { value, line -> ByteDemand in
      try body(&value, line)
      return .more
    }
  }

  /// The same with a body that returns whether it wants further lines.
  @_disfavoredOverload
  public init(
    into value: Value, limit: Int = LineSplitter.defaultLimit,
    _ body: @escaping @Sendable (inout Value, Line) throws -> ByteDemand
  ) {
    (self.value, self.body) = (value, body)
    splitter = LineSplitter(limit: limit)
  }

  public var hasEnough: Bool { splitter.hasEnough }

  public mutating func update(_ bytes: RawSpan) throws {
    try Self.split(bytes, by: &splitter, into: &value, body)
  }

  public mutating func finish() throws -> Value {
    try Self.finish(&splitter, into: &value, body)
    return value
  }

  // Two stored properties that change together are passed separately: a closure would access all of `self` exclusively.

  private static func split(
    _ bytes: RawSpan, by splitter: inout LineSplitter, into value: inout Value,
    _ body: (inout Value, Line) throws -> ByteDemand
  ) throws {
    try splitter.split(bytes) { try body(&value, $0) }
  }

  private static func finish(
    _ splitter: inout LineSplitter, into value: inout Value, _ body: (inout Value, Line) throws -> ByteDemand
  ) throws {
    try splitter.finish { try body(&value, $0) }
  }
}
