import FileEngines
import Synchronization

/// What a run counts as its results go by.
@usableFromInline
final class Totals: Sendable {
  @usableFromInline
  struct Sums {
    @usableFromInline var files = 0
    @usableFromInline var failed = 0
    @usableFromInline var skipped = 0
    @usableFromInline var bytes: Int64 = 0
  }

  @usableFromInline let sums = Mutex(Sums())

  @usableFromInline
  init() {}

  @inlinable
  func add<Output>(_ result: FileResult<Output>) {
    sums.withLock { sums in
      switch result.outcome {
      case .success(let value):
        sums.files += 1
        sums.bytes += value.byteCount
      case .failure(let error) where error.cause == .excluded: sums.skipped += 1
      case .failure: sums.failed += 1
      }
    }
  }

  @usableFromInline
  func report(
    duration: Duration, _ engine: any FileEngine, _ statistics: FileEngineStatistics,
    _ fallback: FileEngineUnavailable?, _ stages: [PipelineReport.Stage]
  ) -> FileReport {
    let sums = sums.withLock { $0 }
    return FileReport(
      files: sums.files, failed: sums.failed, skipped: sums.skipped, bytes: sums.bytes, duration: duration,
      engine: engine.kind, fallback: fallback, statistics: statistics, stages: stages)
  }
}
