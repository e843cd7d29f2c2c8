import Testing

@testable import AsyncPipeline

/// With a sink that does not go on, an endless source is stopped by the buffers between them. How much they hold
/// follows from their constants.
@Suite(.timeLimit(.minutes(5)))
struct StageBoundsTests {
  /// What a stage holds of elements that may be large, where nothing else is said, and so the sink and the channel
  /// before it.
  private let sink = QueueBound.unknownCount
  /// What a source holds that waits for room at the sink.
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
    // As many on their way in as in the queue, and one in the hands of each worker.
    try await expectHeld(atMost: 2 * QueueBound.unknownCount + width + sink) {
      $0.mapAsync(width: width, order: .completion) { $0 }
    }
  }

  @Test func source_stops_before_lanes_in_completion_order() async throws {
    let executors = [QueueExecutor(), QueueExecutor()].flatMap { [$0, $0, $0] }
    let lane = 16  // elements that a lane takes at once, with so few workers, and that leave it together
    try await expectHeld(
      atMost: 2 * QueueBound.unknownCount + 2 * 2 * lane + executors.count * (1 + lane) + sink
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
  func source_stops_before_lanes_in_input_order(window: Int) async throws {
    let executors = [QueueExecutor(), QueueExecutor()].flatMap { [$0, $0, $0] }
    // A worker that passes on others, or waits, does not hold the element that it finished.
    try await expectHeld(atMost: max(1, window / 4) + window + sink) {
      $0.mapAsync(on: executors, order: .input(window: window), open: {}) { $1 }
    }
  }

  @Test func source_stops_before_nested_stages() async throws {
    let (first, second) = (100, 30)
    // A batch on its way into a stage has its places in the one before.
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
    // None has gone, none is there twice, and the report knows them all.
    #expect(alive.value == held && run.run.report.elementsInFlight == held, sourceLocation: location)
    gate.open()
    // From then on everything goes on, and there are never more.
    await expect(throwing: Failure(element: 3_000), location) { try await running.value }
    #expect(alive.highest <= limit, sourceLocation: location)
    #expect(alive.value == 0, sourceLocation: location)
  }
}
