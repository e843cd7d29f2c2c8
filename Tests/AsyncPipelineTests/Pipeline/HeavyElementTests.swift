import Testing

@testable import AsyncPipeline

/// How many elements there are at once that may be large. They are counted, and weigh what the test says.
@Suite(.timeLimit(.minutes(5)))
struct HeavyElementTests {
  private static let weight = 1 << 20
  private let alive = Counter()

  @Test func bound_in_bytes_holds_up_to_the_sink() async throws {
    // Eight in the buffer and one in the queue of the sink; one on its way into either, and one in the sink's hands.
    try await expectAlive(atMost: 8 + 1 + 3 + 1) { $0 }
    try await expectAlive(atMost: 8 + 1 + 3 + 1) { $0.map { $0 }.filter { _ in true } }
  }

  @Test(arguments: [1, 4], [OutputOrder<LiveElement>.input, .completion, .perKey { $0.number % 7 }])
  func bound_in_bytes_holds_through_concurrent_stages(width: Int, order: OutputOrder<LiveElement>) async throws {
    // Two in the window for each worker or two before the workers; the next stage or the sink holds as many.
    try await expectAlive(atMost: 8 + 2 + 3 * width + 6) { $0.mapAsync(width: width, order: order) { $0 } }
  }

  @Test func bound_in_bytes_holds_through_other_stages() async throws {
    let few = QueueBound.fewCount
    try await expectAlive(atMost: 8 + 2 + 2 * (few + 1) + few) { $0.through(PassingOn()) }
    try await expectAlive(atMost: 8 + 2 + 2 * (few + 1) + few) { $0.timeout(idle: .seconds(1_000)) }
    try await expectAlive(atMost: 8 + 2 + 2 * (few + 1) + few) { $0.throttle(RateLimit(perSecond: 1_000_000)) }
    try await expectAlive(atMost: 8 + 2 + 3 * (few + 1) + few) { $0.tee { $0 } }
    try await expectAlive(atMost: 8 + 2 + 4 * (few + 1) + few) {
      $0.partition(by: { $0.number % 2 }, among: [0, 1]) { _, arm in arm }
    }
    // The open batch, and what waits for the sink.
    try await expectAlive(atMost: 8 + 2 + 2 * few + 5 * (few + 2)) { $0.batch(count: 5).flatMap { $0 }.erased }
  }

  @Test func budget_of_a_feed_holds_up_to_the_sink() async throws {
    let feed = Channel<LiveElement>(budget: 8 * Self.weight) { _ in Self.weight }
    let running = Task { try await Pipeline(feed: feed).forEach { _ in await Task.yield() } }
    for number in 0..<500 { await feed.send(LiveElement(number, alive: alive)) }
    feed.finish()
    expectAccounted(try await running.value)
    #expect(alive.highest <= 8 + 1 + 3 * QueueBound.fewCount)
  }

  /// The first element is at work until nothing else moves.
  @Test(arguments: [1, 2, 8])
  func window_has_a_few_places_for_each_worker_where_elements_may_be_large(width: Int) async throws {
    let started = Counter()
    let places = max(QueueBound.unknownCount, 8 * width)
    try await Pipeline(0..<2_000)
      .mapAsync(width: width) { [alive] number in
        started.add()
        if number == 0 { #expect(await settled(started) <= places) }
        return LiveElement(number, alive: alive)
      }
      .forEach { _ in await Task.yield() }
    #expect(alive.highest <= places + width + QueueBound.unknownCount)
  }

  @Test func window_is_large_where_elements_are_small() async throws {
    let started = Counter()
    let run = withFullBatches {
      Pipeline(0..<2_000).mapAsync(width: 8) { number in
        started.add()
        if number == 0 { #expect(await settled(started, atLeast: 1_024) == 1_024) }
        return number
      }.prepareCollect()
    }
    #expect(try await run() == Array(0..<2_000))
  }

  @Test(arguments: [0, 1, 2, 5, 64, 500, 2_000])
  func sink_holds_as_many_elements_as_it_is_told(buffered: Int) async throws {
    let (asked, gate) = (Counter(), Gate())
    let running = Task {
      try await Pipeline(CountedNumbers(asked: asked)).mapAsync(width: 1, order: .input(window: 1)) { $0 }
        .forEach(buffered: buffered) { element in
          await gate.wait()
          if element == 3_000 { throw Failure(element: element) }
        }
    }
    // Besides what the sink holds one is on its way into it, and one into the stage before. It takes what is there.
    let queue = StageBudget(for: buffered, mostInHand: StageBudget.sinkHand).queue
    #expect(await eventually { asked.value >= queue + 1 + 2 })
    #expect(await settled(asked) <= max(1, buffered) + 2)
    gate.open()
    await expect(throwing: Failure(element: 3_000)) { try await running.value }
  }

  /// Behind a buffer of eight elements.
  private func expectAlive(
    atMost limit: Int, _ location: SourceLocation = #_sourceLocation,
    _ stages: (Pipeline<LiveElement>) -> some PipelineProtocol<LiveElement>
  ) async throws {
    let alive = Counter()
    let buffered = Pipeline(0..<500).map { LiveElement($0, alive: alive) }
      .buffer(bytes: 8 * Self.weight) { _ in Self.weight }
    var generator = SeededGenerator(seed: limit)
    let pauses = (0..<500).map { _ in Int.random(in: 0...3, using: &generator) }
    let report = try await stages(buffered).forEach { element in
      for _ in 0..<pauses[element.number] { await Task.yield() }
    }
    expectAccounted(report, location)
    #expect(alive.highest <= limit, sourceLocation: location)
    #expect(report.stages.last?.output == 500, sourceLocation: location)
  }
}

/// A stage that does nothing.
private struct PassingOn: Stage {
  mutating func process(_ element: LiveElement, in context: StageContext<LiveElement>) async throws {
    try await context.emit(element)
  }
}

struct QueueBoundTests {
  private struct Large: BitwiseCopyable {
    var words = InlineArray<8_192, Int>(repeating: 0)
  }

  @Test func limit_follows_from_the_type_of_the_elements() {
    let byType = QueueBound.byType
    #expect(byType.limit(1_000, of: Int.self) == 1_000)
    #expect(byType.limit(1_000, of: (Int, Double?).self) == 1_000)
    #expect(byType.limit(1_000, of: Void.self) == 1_000)
    // As many as make 256 KiB.
    #expect(byType.limit(1_000, of: Large.self) == 4)
    for limit in [1, 5] { #expect(byType.limit(limit, of: Large.self) == min(limit, 4)) }
    #expect(byType.limit(1_000, of: LiveElement.self) == QueueBound.unknownCount)
    #expect(byType.limit(1_000, of: (Int, [UInt8]).self) == QueueBound.unknownCount)
    #expect(byType.limit(1_000, of: String.self) == QueueBound.unknownCount)
    #expect(byType.limit(5, of: String.self) == 5)
  }

  @Test func bound_in_bytes_holds_for_all_stages_behind() {
    let weighed = QueueBound.byWeight(WeightInHand(budget: 10))
    for bound in [weighed, weighed.behind, weighed.behind.behind, .behind([.byType, weighed])] {
      #expect(bound.limit(1_000, of: Int.self) == QueueBound.fewCount)
      #expect(bound.limit(1, of: Int.self) == 1)
    }
    #expect(QueueBound.behind([.byType, .byType]).limit(1_000, of: Int.self) == 1_000)
    #expect(QueueBound.byType.behind.limit(1_000, of: Int.self) == 1_000)
  }
}
