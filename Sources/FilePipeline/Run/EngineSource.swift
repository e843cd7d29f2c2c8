import FileEngines

/// The engine of a pipeline: each run makes one and shuts it down, or uses the caller's.
public struct EngineSource: Sendable {
  enum Origin: Sendable {
    case made(FileEngineChoice, FileEngineConfiguration)
    case shared(any FileEngine)
  }

  let origin: Origin

  /// io_uring where the machine allows it, else threads.
  public static let auto = choice(.auto)
  public static let uring = choice(.uring)
  public static let threads = choice(.threads)
  public static let blocking = choice(.blocking)

  public static func choice(
    _ choice: FileEngineChoice, _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) -> EngineSource {
    EngineSource(origin: .made(choice, configuration))
  }

  /// An engine that several runs share. Its owner shuts it down: see ``withFileEngine(_:onFallback:_:)``.
  public static func engine(_ engine: any FileEngine) -> EngineSource {
    EngineSource(origin: .shared(engine))
  }
}

/// Calls `body` with an engine, and shuts the engine down when `body` has returned or thrown. Several runs can share
/// it. A cancelled task is left to `body`; shutting down is not shortened.
///
/// ```swift
/// try await withFileEngine(.auto) { engine in
///   let digests = FilePipeline.files(under: "in", engine: .engine(engine)).reduce { DigestReducer(.sha256) }
///   …
/// }
/// ```
///
/// - Parameters:
///   - source: the engine. One that is the caller's own is left running.
///   - onFallback: called with the reason if `auto` did not choose io_uring.
/// - Throws: ``FileEngines/FileEngineUnavailable`` if the engine cannot be made; otherwise what `body` throws.
public func withFileEngine<R: Sendable>(
  _ source: EngineSource = .auto, onFallback: (FileEngineUnavailable) -> Void = { _ in },
  _ body: (any FileEngine) async throws -> R
) async throws -> R {
  switch source.origin {
  case .shared(let engine): return try await body(engine)
  case .made(let choice, let configuration):
    let (engine, fallback) = try choice.makeEngine(configuration)
    if let fallback { onFallback(fallback) }
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
