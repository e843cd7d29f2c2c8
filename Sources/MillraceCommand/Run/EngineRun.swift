import FilePipeline
import Synchronization

/// Runs a pipeline with an engine that is made for it and shut down afterwards.
struct EngineRun {
  let source: EngineSource

  init(_ source: EngineSource) {
    self.source = source
  }

  struct Outcome: Sendable {
    let engine: FileEngineKind
    let plan: EnginePlan
    /// Why `auto` did not take io_uring, if it did not.
    let fallback: FileEngineUnavailable?
    let statistics: FileEngineStatistics
    let report: PipelineReport
    /// Includes starting the engine.
    let duration: Duration
  }

  /// - Parameter body: runs a pipeline on the engine.
  /// - Throws: ``FileEngineUnavailable``; what ends the run.
  func run(_ body: (any FileEngine) async throws -> PipelineReport) async throws -> Outcome {
    let start = ContinuousClock.now
    let fallback = Mutex<FileEngineUnavailable?>(nil)
    return try await withFileEngine(source, onFallback: { reason in fallback.withLock { $0 = reason } }) { engine in
      let report = try await body(engine)
      return Outcome(
        engine: engine.kind, plan: engine.plan, fallback: fallback.withLock { $0 }, statistics: engine.statistics,
        report: report, duration: ContinuousClock.now - start)
    }
  }
}
