/// A reducer that looks for the first line that its body gives something for. The rest of the file is not read; the
/// output is nil if there is no such line.
///
/// ```swift
/// FilePipeline.files(under: "logs")
///   .reduce { LineSearch { $0.contains("ERROR") ? $0.text : nil } }
///   .forEach { file in
///     if let line = try file.value { print(line) }
///   }
/// ```
public struct LineSearch<Value: Sendable>: ByteReducer {
  private var lines: LineReduction<Value?>

  /// - Parameters:
  ///   - limit: how many bytes a line may have; a file with a longer one fails with ``LineTooLong``.
  ///   - body: what to make of a line, or nil to go on. An error fails the file.
  public init(limit: Int = LineSplitter.defaultLimit, _ body: @escaping @Sendable (Line) throws -> Value?) {
    lines = LineReduction(into: nil, limit: limit) { value, line -> ByteDemand in
      value = try body(line)
      return value == nil ? .more : .enough
    }
  }

  public var hasEnough: Bool { lines.hasEnough }

  public mutating func update(_ bytes: RawSpan) throws {
    try lines.update(bytes)
  }

  public mutating func finish() throws -> Value? {
    try lines.finish()
  }
}
