import FileEngineTesting
import FileEngines
import FileTestSupport
import Testing

/// What the conformance tests run over: every engine, and one that makes up what calls may do without being wrong.
enum EngineUnderTest: String, Sendable, CaseIterable, Codable {
  case uring, threads, blocking
  /// Reorders completions, and moves fewer bytes than it could.
  case simulated

  /// What chooses it by name; nil for what no user can choose.
  private var kind: FileEngineKind? { FileEngineKind(rawValue: rawValue) }

  /// Runs `body` with a new engine. Where io_uring may be missing the ring's case is skipped aloud.
  @discardableResult
  func with<R: Sendable>(
    _ configuration: FileEngineConfiguration, _ body: (any FileEngine) async throws -> R
  ) async throws -> R {
    if let kind { return try await withEngine(kind, configuration, body) }
    // The same seed each time: the tests know what comes of a file, not what comes of a call.
    let engine = try SimulatedEngine(seed: 1, faults: .harmless, configuration: configuration)
    do {
      let result = try await body(engine)
      await engine.shutDown()
      return result
    } catch {
      await engine.shutDown()
      throw error
    }
  }
}

@discardableResult
func withEngine<R: Sendable>(
  _ engine: EngineUnderTest, _ configuration: FileEngineConfiguration = .small,
  _ body: (any FileEngine) async throws -> R
) async throws -> R {
  try await engine.with(configuration, body)
}
