@testable import AsyncPipeline

/// A run whose tasks share one thread and a clock that stands still until none of them can go on. So all its times are
/// exact.
struct TimedRun {
  let clock = ManualClock()
  private let executor = QueueExecutor()

  /// Of the queue before the sink, and of the batches that come to it.
  static let sinkCapacity = 4

  func report(
    of pipeline: some PipelineProtocol<Int>, _ body: @escaping @Sendable (Int) async throws -> Void = { _ in }
  ) async throws -> PipelineReport {
    let run = pipeline.prepare("forEach", clock: clock) { sink in
      try await sink.serve(capacity: Self.sinkCapacity, batchSize: Self.sinkCapacity) { inlet in
        try await sink.consume(inlet, batch: 1, body)
      }
    }
    let ended = Counter()
    let running = Task(executorPreference: executor) {
      defer { ended.add() }
      try await run()
    }
    while ended.value == 0 {
      await rest()
      clock.advance(by: .seconds(1))
    }
    try await running.value
    return run.run.report
  }

  /// Waits until all tasks wait for the clock or for each other: far more turns than it takes a wake-up to go from the
  /// source to the sink.
  private func rest() async {
    for _ in 0..<200 { await executor.idle() }
  }
}
