/// A reducer whose output is the first value that its body returns for a line, or nil if there is none. The rest of the
/// file is not read.
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
  ///   - limit: the length of a line in bytes, at most; a file with a longer one fails with ``LineTooLong``.
  ///   - body: returns the output, or nil to continue with the next line. An error fails the file.
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
