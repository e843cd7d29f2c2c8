import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct FlatMapOperatorTests {
  @Test(arguments: [0, 1, 2, 63, 64, 65, 1_000, 5_000])
  func flat_map_emits_the_elements_of_the_sequences(length: Int) async throws {
    let expected = (0..<10).flatMap { element in (0..<length).map { element * length + $0 } }
    let pipeline = Pipeline(0..<10).flatMap { element in (0..<length).map { element * length + $0 } }
    #expect(try await pipeline.collect() == expected)
    #expect(try await pipeline.mapAsync(width: 2) { $0 }.collect() == expected)
    #expect(
      try await Pipeline(0..<10).mapAsync(width: 2) { $0 }.flatMap { Array(repeating: $0, count: length) }.count() == 10
        * length)
  }

  @Test func sequences_within_sequences() async throws {
    let pipeline = Pipeline(0..<20).flatMap { 0..<$0 }.filter { $0 % 3 != 0 }.flatMap { [$0, $0] }.map { $0 + 1 }
    let expected = (0..<20).flatMap { 0..<$0 }.filter { $0 % 3 != 0 }.flatMap { [$0, $0] }.map { $0 + 1 }
    #expect(try await pipeline.collect() == expected)
  }

  @Test func infinite_sequence_is_asked_for_the_needed_elements_only() async throws {
    let asked = Counter()
    let pipeline = Pipeline(0...).flatMap { _ in CountedNumbers(asked: asked) }.prefix(1_000)
    #expect(try await pipeline.collect() == Array(0..<1_000))
    #expect(asked.value == 1_000)
    #expect(try await Pipeline([7]).prefix(1).flatMap { Array(repeating: $0, count: 500) }.count() == 500)
  }

  @Test func infinite_sequence_whose_elements_are_dropped_can_be_cancelled() async {
    let asked = Counter()
    let running = Task {
      try await Pipeline([0]).flatMap { _ in CountedNumbers(asked: asked) }.filter { _ in false }.collect()
    }
    #expect(await eventually { asked.value > 0 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
  }

  /// The other task would never run on the one thread.
  @Test func infinite_sequence_whose_elements_are_dropped_yields_to_other_tasks() async {
    let executor = QueueExecutor()
    let run = Pipeline([0]).flatMap { _ in 0... }.filter { _ in false }.start(.count, on: executor)
    await Task(executorPreference: executor) { run.cancel() }.value
    await #expect(throws: CancellationError.self) { try await run.value }
  }

  @Test func long_sequence_waits_for_a_blocked_sink() async throws {
    let asked = Counter()
    let gate = Gate()
    let running = Task {
      try await Pipeline([0]).flatMap { _ in CountedNumbers(asked: asked) }.prefix(5_000).forEach { _ in
        await gate.wait()
      }
    }
    #expect(await eventually { asked.value >= StageBudget.sinkLimit - StageBudget.sinkHand })
    let held = await settled(asked)
    #expect(held <= BatchBuffer<Int>.defaultSize + StageBudget.sinkLimit)
    gate.open()
    let report = try await running.value
    #expect(report.stages.last?.output == 5_000)
  }

  @Test func failures_within_a_sequence_are_routed_one_by_one() async throws {
    let asked = Counter()
    let failures = Channel<PipelineFailure>(capacity: 0)
    let running = Task {
      try await Pipeline([0]).flatMap { _ in CountedNumbers(asked: asked) }
        .map { if $0 < 1_000 { throw Failure(element: $0) } else { $0 } }.prefix(1)
        .onFailure(.route(to: failures)).collect()
    }
    for element in 0..<1_000 {
      #expect(await failures.next()?.element == "\(element)")
      // The next failure may be waiting to be received; no element behind it has been requested.
      #expect(asked.value <= element + 2)
    }
    #expect(try await running.value == [1_000])
  }
}
