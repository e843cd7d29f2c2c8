import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CancellationTests {
  /// Runs a pipeline, cancels the task that runs it as soon as `started` is not 0, and expects a `CancellationError`.
  private func cancel<T: Sendable>(
    _ pipeline: some PipelineProtocol<T>, once started: Counter,
    _ body: @escaping @Sendable (T) async throws -> Void = { _ in }
  ) async {
    let running = Task { try await pipeline.forEach(body) }
    #expect(await eventually { started.value > 0 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
  }

  @Test(arguments: [OutputOrder<Int>.input, .input(window: 1), .completion])
  func endless_run_ends_when_nothing_in_it_heeds_cancellation(order: OutputOrder<Int>) async {
    let (atWork, seen) = (Counter(), Counter())
    let pipeline = Pipeline(0...).mapAsync(width: 4, order: order) { element in
      atWork.add(1)
      defer { atWork.add(-1) }
      return element
    }
    await cancel(pipeline, once: seen) { _ in seen.add() }
    #expect(atWork.value == 0)
    // No task is left to call the body.
    let calls = seen.value
    #expect(await settled(seen) == calls)
  }

  @Test func endless_source_without_a_stage_ends() async {
    let seen = Counter()
    await cancel(Pipeline(0...), once: seen) { _ in seen.add() }
  }

  @Test func endless_source_ends_when_a_filter_lets_nothing_pass() async {
    let asked = Counter()
    let pipeline = Pipeline(0...).filter { _ in
      asked.add()
      return false
    }
    await cancel(pipeline, once: asked)
  }

  @Test func endless_stage_ends_when_a_filter_behind_it_lets_nothing_pass() async {
    for order in [OutputOrder<Int>.input, .completion] {
      let asked = Counter()
      let pipeline = Pipeline(0...).mapAsync(width: 2, order: order) { $0 }.filter { _ in
        asked.add()
        return false
      }
      await cancel(pipeline, once: asked)
    }
  }

  @Test func endless_batches_end() async {
    for batch in [[], [1], Array(0..<100)] {
      let asked = Counter()
      let pipeline = Pipeline<Int>(on: QueueExecutor()) {
        {
          asked.add()
          return batch
        }
      }
      await cancel(pipeline.mapAsync(width: 2) { $0 }, once: asked)
    }
  }

  @Test func asynchronous_sequence_that_waits_is_ended() async {
    let channel = Channel<Int>(capacity: 1)
    let seen = Counter()
    await channel.send(1)
    await cancel(Pipeline(channel).mapAsync(width: 2) { $0 }, once: seen) { _ in seen.add() }
  }

  @Test func source_that_waits_for_a_sink_is_ended() async {
    let seen = Counter()
    await cancel(Pipeline(0...).mapAsync(width: 2) { $0 }, once: seen) { _ in
      seen.add()
      await untilCancelled()
    }
    #expect(seen.value == 1, "the body is called for a run that has been cancelled")
  }

  // MARK: What waits for a sink

  /// 100 numbers, each of which has reached the sink's queue when the next is asked for; then nothing until the run
  /// ends, or an error.
  private func numbers(thenOpening delivered: Gate, thenThrowing error: Failure? = nil) -> Pipeline<Int> {
    let asked = Counter()
    return Pipeline(
      AsyncThrowingStream {
        let number = asked.add()
        if number <= 100 { return number }
        delivered.open()
        if let error { throw error }
        await untilCancelled()
        return nil
      })
  }

  @Test(arguments: [false, true])
  func a_cancelled_run_drops_what_waits_for_a_sink_or_drains_it(_ drains: Bool) async throws {
    let (seen, delivered, begun) = (Log<Int>(), Gate(), Gate())
    let run = numbers(thenOpening: delivered).start(
      .forEach(buffered: 200, drainsWhenCancelled: drains) { element in
        seen.append(element)
        begun.open()
        await untilCancelled()
      })
    await delivered.wait()
    await begun.wait()
    run.cancel()
    await #expect(throws: CancellationError.self) { try await run.value }
    #expect(seen.entries == Array(1...(drains ? 100 : 1)))
    let sink = try #require(run.report.stages.last)
    #expect(sink.input == 100)
    #expect(sink.output == seen.count)
    #expect(sink.cancelled == 100 - seen.count)
  }

  @Test func a_sink_drains_in_a_run_that_fails_and_hides_no_failure() async {
    let seen = Counter()
    let numbers = numbers(thenOpening: Gate(), thenThrowing: Failure(element: 101))
    await expect(throwing: Failure(element: 101)) {
      try await numbers.forEach(buffered: 200, drainsWhenCancelled: true) { _ in
        seen.add()
        await untilCancelled()
      }
    }
    #expect(seen.value == 100)
  }

  /// The source waits for an element meanwhile.
  @Test(arguments: [false, true]) func a_sink_whose_task_alone_is_cancelled_ends_the_run(_ drains: Bool) async {
    await #expect(throws: CancellationError.self) {
      try await numbers(thenOpening: Gate()).forEach(drainsWhenCancelled: drains) { _ in
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
  }

  @Test(arguments: [FailurePolicy.failFast, .skip])
  func errors_that_cancellation_causes_are_not_the_cause(policy: FailurePolicy) async {
    let waiting = Counter()
    let pipeline = Pipeline(0...).mapAsync(width: 4) { element in
      waiting.add()
      await untilCancelled()
      throw Failure(element: element)
    }
    await cancel(pipeline.onFailure(policy), once: waiting)
  }

  @Test func body_that_throws_because_it_was_cancelled_does_not_hide_that() async {
    let seen = Counter()
    await cancel(Pipeline(0...), once: seen) { element in
      seen.add()
      await untilCancelled()
      throw Failure(element: element)
    }
  }

  @Test func workers_begin_nothing_after_a_failure() async {
    let begun = Counter()
    await expect(throwing: Failure(element: 0)) {
      try await Pipeline(0..<1_000).mapAsync(width: 2) { element in
        begun.add()
        if element == 0 {
          #expect(await eventually { begun.value == 2 })
          throw Failure(element: 0)
        }
        await untilCancelled()
      }.forEach { _ in }
    }
    #expect(begun.value == 2)
  }

  @Test func run_in_a_cancelled_task_does_nothing() async {
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await #expect(throws: CancellationError.self) {
        try await Pipeline(0..<10)
          .mapAsync(width: 2) { _ in Issue.record("an element is transformed") }
          .forEach { _ in Issue.record("an element arrives") }
      }
    }.value
  }

  @Test func endless_source_that_never_waits_leaves_its_thread_to_who_cancels_it() async {
    let executor = QueueExecutor()
    let run = Pipeline(0...).start(.count, on: executor)
    await Task(executorPreference: executor) { run.cancel() }.value
    await #expect(throws: CancellationError.self) { try await run.value }
  }

  @Test func sequence_that_ends_because_it_is_cancelled_is_not_complete() async {
    // Only the source's task is: as if the others were about to be.
    let numbers = AsyncStream<Int>(unfolding: {
      withUnsafeCurrentTask { $0?.cancel() }
      return nil
    })
    await #expect(throws: CancellationError.self) { try await Pipeline(numbers).batch(count: 10).count() }
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion, .perKey { $0 }])
  func worker_that_is_cancelled_has_not_come_to_the_end(order: OutputOrder<Int>) async {
    let pipeline = Pipeline([1]).mapAsync(width: 1, order: order) { element in
      withUnsafeCurrentTask { $0?.cancel() }
      return element
    }
    await #expect(throws: CancellationError.self) { try await pipeline.batch(count: 10).count() }
  }
}
