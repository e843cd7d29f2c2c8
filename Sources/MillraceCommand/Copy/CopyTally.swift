import FilePipeline

/// What became of the entries of a copy.
typealias CopyTally = Tally<CopyCounts>

struct CopyCounts: TallyCounts, Equatable {
  var written = 0
  var linked = 0
  var updated = 0
  var unchanged = 0
  var failed = 0
  var skipped = 0
  /// Of the files that were written.
  var bytes: Int64 = 0

  var done: Int { written + linked + updated }

  mutating func add<Output>(_ copied: CopiedFile<Output>) {
    bytes += copied.byteCount
    switch copied.action {
    case .written: written += 1
    case .linked: linked += 1
    case .updated: updated += 1
    case .unchanged: unchanged += 1
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
