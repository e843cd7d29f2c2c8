import AsyncPipeline
import Testing

/// Expects that a run ends with a failure whose cause is this one.
func expect<T>(
  throwing expected: Failure, _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> T
) async {
  await #expect(throws: expected, sourceLocation: location) { try await throwingCause(body) }
}

/// Expects that a run ends with a failure whose cause is of this type.
func expect<T>(
  throwing expected: Failure.Type, _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> T
) async {
  await #expect(throws: expected, sourceLocation: location) { try await throwingCause(body) }
}

private func throwingCause<T>(_ body: () async throws -> T) async throws {
  do {
    _ = try await body()
  } catch let failure as PipelineFailure {
    throw failure.cause
  }
}
