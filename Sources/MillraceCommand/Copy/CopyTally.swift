import FilePipeline
import Synchronization

/// What became of the entries of a copy, counted as the results go by.
final class CopyTally: Sendable {
  struct Counts: Sendable, Equatable {
    var written = 0
    var linked = 0
    var updated = 0
    var unchanged = 0
    var failed = 0
    var skipped = 0
    /// Of the files that were written.
    var bytes: Int64 = 0

    var done: Int { written + linked + updated }
  }

  private let state = Mutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  func add<Output>(_ copied: CopiedFile<Output>) {
    state.withLock { counts in
      counts.bytes += copied.byteCount
      switch copied.action {
      case .written: counts.written += 1
      case .linked: counts.linked += 1
      case .updated: counts.updated += 1
      case .unchanged: counts.unchanged += 1
      }
    }
  }

  func addFailure() { state.withLock { $0.failed += 1 } }

  /// Whether it is the first.
  func addSkipped() -> Bool {
    state.withLock { counts in
      counts.skipped += 1
      return counts.skipped == 1
    }
  }
}

/// The last line of `copy --json`.
struct CopySummaryRecord: Encodable {
  let type = "summary"
  let engine: String
  let written: Int
  let linked: Int
  let updated: Int
  let unchanged: Int
  let failed: Int
  let skipped: Int
  let bytes: Int64
  let seconds: Double

  init(_ run: EngineRun.Outcome, _ counts: CopyTally.Counts) {
    engine = run.engine.rawValue
    (written, linked, updated) = (counts.written, counts.linked, counts.updated)
    (unchanged, failed, skipped, bytes) = (counts.unchanged, counts.failed, counts.skipped, counts.bytes)
    seconds = run.duration.inSeconds
  }
}
