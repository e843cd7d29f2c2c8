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
    /// Of which some attribute was refused.
    var incomplete = 0
    /// Of the files that were written.
    var bytes: Int64 = 0

    var done: Int { written + linked + updated }
  }

  /// What was refused, and where first.
  struct Refused: Sendable {
    let path: [UInt8]
    var attributes: CopyOptions.Kept
  }

  private let state = Mutex(Counts())
  private let refusal = Mutex<Refused?>(nil)

  var counts: Counts { state.withLock { $0 } }
  var refused: Refused? { refusal.withLock { $0 } }

  func add<Output>(_ copied: CopiedFile<Output>) {
    if !copied.notKept.isEmpty { note(copied.notKept, copied.target.bytes) }
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

  private func note(_ attributes: CopyOptions.Kept, _ path: [UInt8]) {
    state.withLock { $0.incomplete += 1 }
    refusal.withLock { refusal in
      var refused = refusal ?? Refused(path: path, attributes: [])
      refused.attributes.formUnion(attributes)
      refusal = refused
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
  let incomplete: Int
  let bytes: Int64
  let seconds: Double

  init(_ run: EngineRun.Outcome, _ counts: CopyTally.Counts) {
    engine = run.engine.rawValue
    (written, linked, updated) = (counts.written, counts.linked, counts.updated)
    (unchanged, failed, skipped, bytes) = (counts.unchanged, counts.failed, counts.skipped, counts.bytes)
    incomplete = counts.incomplete
    seconds = run.duration.inSeconds
  }
}

extension CopyOptions.Kept {
  /// As messages and records name them.
  var names: [String] {
    [
      (Self.permissions, "permissions"), (.times, "times"), (.owners, "owner"),
      (.extendedAttributes, "extended attributes"),
    ].filter { contains($0.0) }.map(\.1)
  }
}
