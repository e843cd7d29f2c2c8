@testable import AsyncPipeline

/// A run whose tasks share one thread, and a clock that advances only when none of them can continue. Its times are
/// therefore exact.
struct TimedRun {
  let clock = ManualClock()
  private let executor = QueueExecutor()

  /// The capacity of the sink's queue, and the size of the batches that are sent to it.
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

  /// Waits until all tasks wait for the clock or for each other: for many more turns than a wakeup needs to propagate
  /// from the source to the sink.
  private func rest() async {
    for _ in 0..<200 { await executor.idle() }
  }
}
