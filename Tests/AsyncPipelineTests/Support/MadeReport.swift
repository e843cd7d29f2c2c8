@testable import AsyncPipeline

extension PipelineReport.Stage {
  /// A stage with default values for all that a test does not need; times are in seconds.
  static func made(
    _ name: String, tasks: Int = 1, elements: Int = 0, busy: Double = 0, blocked: Double = 0, starved: Double = 0,
    delayed: Double = 0, failed: Int = 0, bytes: Int = 0, attempts: Int = 0, queue: Int = 0,
    operators: [String] = [], note: String? = nil, metrics: [String: Int] = [:]
  ) -> Self {
    let nanoseconds = { (seconds: Double) in Int64(seconds * 1e9) }
    return Self(
      name: name, operators: operators, input: elements, output: elements - failed, failed: failed,
      skipped: 0, filtered: 0, cancelled: 0, expanded: 0, combined: 0, attempts: attempts, bytes: bytes,
      queueHighWater: queue, tasks: tasks, busyNanoseconds: nanoseconds(busy), blockedNanoseconds: nanoseconds(blocked),
      starvedNanoseconds: nanoseconds(starved), delayedNanoseconds: nanoseconds(delayed), note: note, metrics: metrics)
  }
}

extension PipelineReport {
  /// A report of a run that took ten seconds.
  static func made(_ stages: Stage..., failures: [PipelineFailure] = []) -> Self {
    Self(stages: stages, durationNanoseconds: 10_000_000_000, failures: failures)
  }
}
