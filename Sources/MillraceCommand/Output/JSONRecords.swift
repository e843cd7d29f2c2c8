import FilePipeline

struct FailureRecord: Encodable {
  let type = "failure"
  let operation: String
  let error: String
  let offset: Int64?

  init(_ error: FileError) {
    operation = error.operation.rawValue
    self.error = error.reason
    offset = error.offset
  }
}

/// The last line of `--json`.
struct SummaryRecord: Encodable {
  let type = "summary"
  let engine: String
  let files: Int
  let failed: Int
  let skipped: Int
  let bytes: Int64
  let seconds: Double
  let enters: UInt64

  init(_ summary: RunSummary) {
    let (run, counts) = (summary.run, summary.counts)
    (files, failed, skipped, bytes) = (counts.files, counts.failed, counts.skipped, counts.bytes)
    engine = run.engine.rawValue
    seconds = run.duration.inSeconds
    enters = run.statistics.enters
  }
}
