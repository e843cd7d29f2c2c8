import Testing

@testable import AsyncPipeline

/// While a sink stands still, the buffers before it stop an endless source. How much they hold follows from their
/// constants.
@Suite(.timeLimit(.minutes(5)))
struct StageBoundsTests {
  /// How many elements that may be large a stage holds by default, and so the sink together with the channel before it.
  private let sink = QueueBound.unknownCount
  /// How many elements a source holds that waits for room at the sink.
  private let batch = QueueBound.unknownCount / 2

  @Test func source_stops_when_the_sink_stands_still() async throws {
    try await expectHeld(atMost: batch + sink) { $0 }
  }

  @Test(arguments: [1, 2, 7, 64, 1_024], [1, 4])
  func source_stops_before_a_stage_in_input_order(window: Int, width: Int) async throws {
    try await expectHeld(atMost: max(1, window / 4) + window + sink) {
      $0.mapAsync(width: width, order: .input(window: window)) { $0 }
    }
  }

  @Test(arguments: [1, 4])
  func source_stops_before_a_stage_in_completion_order(width: Int) async throws {
    // As many that the source sends as in the queue, and one at work in each worker.
    try await expectHeld(atMost: 2 * QueueBound.unknownCount + width + sink) {
      $0.mapAsync(width: width, order: .completion) { $0 }
    }
  }

  @Test func source_stops_before_pooled_workers_in_completion_order() async throws {
    let executors = [QueueExecutor(), QueueExecutor()].flatMap { [$0, $0, $0] }
    let batch = 16  // elements that a work queue takes together, and passes on together, with so few workers
    try await expectHeld(
      atMost: 2 * QueueBound.unknownCount + 2 * 2 * batch + executors.count * (1 + batch) + sink
    ) {
      $0.mapAsync(on: executors, order: .completion, open: {}) { $1 }
    }
  }

  @Test(arguments: [1, 4, 100])
  func source_stops_before_one_executor_in_input_order(window: Int) async throws {
    let executor = QueueExecutor()
    try await expectHeld(atMost: max(1, window / 4) + window + sink) {
      $0.mapAsync(on: [executor], order: .input(window: window), open: {}) { $1 }
    }
  }

  @Test(arguments: [4, 100])
  func source_stops_before_pooled_workers_in_input_order(window: Int) async throws {
    let executors = [QueueExecutor(), QueueExecutor()].flatMap { [$0, $0, $0] }
    // A worker that passes on other elements, or waits, does not hold the element that it finished.
    try await expectHeld(atMost: max(1, window / 4) + window + sink) {
      $0.mapAsync(on: executors, order: .input(window: window), open: {}) { $1 }
    }
  }

  @Test func source_stops_before_nested_stages() async throws {
    let (first, second) = (100, 30)
    // A batch that waits to enter a stage still has its slots in the stage before.
    try await expectHeld(atMost: first / 4 + first + second + sink) {
      $0.mapAsync(width: 3, order: .input(window: first)) { $0 }
        .mapAsync(width: 3, order: .input(window: second)) { $0 }
    }
  }

  @Test(arguments: [4, 100])
  func source_stops_before_a_stage_with_a_starting_key(window: Int) async throws {
    try await expectHeld(atMost: max(1, window / 4) + window + sink) {
      $0.mapAsync(on: [QueueExecutor()], order: .input(window: window), startingKey: { UInt64($0.number) }, open: {}) {
        $1
      }
    }
  }

  private func expectHeld(
    atMost limit: Int, _ location: SourceLocation = #_sourceLocation,
    _ stages: (Pipeline<LiveElement>) -> Pipeline<LiveElement>
  ) async throws {
    let (asked, alive, gate) = (Counter(), Counter(), Gate())
    let run = stages(
      Pipeline(CountedNumbers(asked: asked)).map { LiveElement($0, alive: alive) }.erased
    ).prepareForEach { element in
      await gate.wait()
      if element.number == 3_000 { throw Failure(element: element.number) }
    }
    let running = Task { try await run() }
    // The channel before the sink at least is full.
    #expect(await eventually { asked.value >= sink / 2 }, sourceLocation: location)
    let held = await settled(asked)
    #expect(held <= limit, sourceLocation: location)
    // No element is lost or duplicated, and the report has them all.
    #expect(alive.value == held && run.run.report.elementsInFlight == held, sourceLocation: location)
    gate.open()
    // When the run continues there are never more.
    await expect(throwing: Failure(element: 3_000), location) { try await running.value }
    #expect(alive.highest <= limit, sourceLocation: location)
    #expect(alive.value == 0, sourceLocation: location)
  }
}
