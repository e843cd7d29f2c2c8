import AsyncPipeline

func squares() async throws -> [Int] {
  try await Pipeline(1...1_000)
    .filter { $0.isMultiple(of: 2) }
    .mapAsync(width: 8) { $0 * $0 }
    .collect()
}
