import AsyncPipeline

/// Cuts text into its lines, wherever it had been cut into pieces.
struct Lines: Stage {
  /// A line that is not UTF-8.
  struct NotText: Error {}

  /// What came behind the last line break, and how many whole pieces are in it.
  private var rest: [UInt8] = []
  private var pieces = 0

  mutating func process(_ piece: [UInt8], in context: StageContext<String>) async throws {
    context.count("bytes", piece.count)
    let parts = piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for part in parts.dropLast() {
      rest += part
      try await emitLine(of: pieces + 1, to: context)
    }
    rest += parts.last ?? []
    if parts.count < 2 {
      pieces += 1
      context.keep()
    }
  }

  mutating func finish(in context: StageContext<String>) async throws {
    if !rest.isEmpty { try await emitLine(of: max(1, pieces), to: context) }
  }

  private mutating func emitLine(of pieces: Int, to context: StageContext<String>) async throws {
    defer { (rest, self.pieces) = ([], 0) }
    guard let line = String(validating: rest, as: UTF8.self) else { throw NotText() }
    context.count("lines")
    try await context.emit(line, combining: pieces)
  }
}
