import FileEngines

/// The engine of a pipeline: one that it makes for each run and ends with it, or one that is the caller's.
public struct EngineSource: Sendable {
  enum Origin: Sendable {
    case made(FileEngineChoice, FileEngineConfiguration)
    case shared(any FileEngine)
  }

  let origin: Origin

  /// What the environment variable `MILLRACE_ENGINE` names; without it io_uring where the machine allows it, else
  /// threads.
  public static let auto = choice(.auto)
  public static let uring = choice(.uring)
  public static let threads = choice(.threads)
  public static let blocking = choice(.blocking)

  public static func choice(
    _ choice: FileEngineChoice, _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) -> EngineSource {
    EngineSource(origin: .made(choice, configuration))
  }

  /// An engine that several runs share. Its owner ends it.
  public static func engine(_ engine: any FileEngine) -> EngineSource {
    EngineSource(origin: .shared(engine))
  }

  /// Calls `body` with the engine, and when `body` has returned or thrown shuts down one that was made for this call.
  ///
  /// - Parameter body: called with the engine and, if `auto` did not take io_uring, with the reason.
  /// - Throws: ``FileEngines/FileEngineUnavailable`` if the engine cannot be made; what `body` throws.
  public func withEngine<R: Sendable>(
    _ body: (any FileEngine, FileEngineUnavailable?) async throws -> R
  ) async throws -> R {
    switch origin {
    case .shared(let engine): return try await body(engine, nil)
    case .made(let choice, let configuration):
      let (engine, fallback) = try choice.makeEngine(configuration)
      do {
        let result = try await body(engine, fallback)
        await engine.shutDown()
        return result
      } catch {
        await engine.shutDown()
        throw error
      }
    }
  }
}
