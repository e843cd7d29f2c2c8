import Testing

@testable import AsyncPipeline

/// A drained run succeeds, with all elements that its sources have emitted.
@Suite(.timeLimit(.minutes(5)))
struct DrainTests {
  @Test func infinite_sequence_stops() async throws {
    try await drain(Pipeline(0...))
  }

  @Test func infinite_asynchronous_sequence_stops() async throws {
    try await drain(Pipeline(AsyncStream { 1 }))
  }

  @Test func infinite_batches_stop() async throws {
    try await drain(Pipeline(on: QueueExecutor()) { { [1, 2, 3] } })
  }

  @Test func sequence_whose_elements_are_dropped_stops() async throws {
    let asked = Counter()
    let run = Pipeline(CountedNumbers(asked: asked)).filter { _ in false }.prepareCollect()
    async let elements = run()
    #expect(await eventually { asked.value > 0 })
    run.run.drain()
    #expect(try await elements == [])
  }

  @Test func waiting_asynchronous_sequence_stops() async throws {
    let channel = Channel<Int>(capacity: 3)
    let seen = Counter()
    let run = Pipeline(channel).mapAsync(width: 2) { $0 }.prepareForEach { _ in seen.add() }
    async let done: Void = run()
    await channel.send(contentsOf: [1, 2, 3])
    #expect(await eventually { seen.value == 3 })
    run.run.drain()
    try await done
    run.run.report.expectIdentity("")
  }

  @Test func run_that_is_drained_before_it_starts_is_empty() async throws {
    for pipeline in [Pipeline(0...), Pipeline(AsyncStream { 1 }), Pipeline(on: QueueExecutor()) { { [1] } }] {
      let run = pipeline.prepareCollect()
      run.run.drain()
      #expect(try await run().count <= BatchBuffer<Int>.defaultSize)
    }
  }

  /// No element is lost between the source and the sink, at whatever moment the run is drained.
  @Test(arguments: 0..<10)
  func all_emitted_elements_arrive(block: Int) async throws {
    for seed in seeds(inBlock: block, of: 20) {
      let channel = Channel<Int>(capacity: 4)
      let feeding = Task {
        for element in 0... { guard case .sent = await channel.send(element) else { return element } }; return 0
      }
      let seen = Counter()
      let run = Pipeline(channel).mapAsync(width: 3) { element in
        await yieldAtRandom(seed, element)
        return element
      }.prepareForEach { _ in seen.add() }
      async let done: Void = run()
      for _ in 0..<(seed &* 37) % 301 { await Task.yield() }
      run.run.drain()
      try await done
      let report = run.run.report
      report.expectIdentity("seed \(seed)")
      #expect(report.stages.map(\.cancelled) == [0, 0, 0], "seed \(seed)")
      #expect(report.stages[0].input == seen.value, "seed \(seed)")
      // The elements that the source has not taken are still in the channel, or were not sent.
      channel.finish()
      let left = await channel.reduce(0) { count, _ in count + 1 }
      #expect(await feeding.value == seen.value + left, "seed \(seed)")
    }
  }

  private func drain(_ source: Pipeline<Int>) async throws {
    let seen = Counter()
    let run = source.mapAsync(width: 3) { $0 }.map { $0 }.mapAsync(width: 2, order: .completion) { $0 }
      .prepareForEach { _ in seen.add() }
    async let done: Void = run()
    #expect(await eventually { seen.value > 0 })
    run.run.drain()
    try await done
    let report = run.run.report
    report.expectIdentity("")
    #expect(report.stages.allSatisfy { $0.cancelled == 0 && $0.input == seen.value && $0.output == seen.value })
  }
}
