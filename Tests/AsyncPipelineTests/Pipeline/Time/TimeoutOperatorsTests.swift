import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct TimeoutOperatorsTests {
  private let clock = ManualClock()
  private let source = Channel<Int>()
  private let seen = Channel<Int>()

  private func expect(throwing expected: PipelineTimeout, _ body: () async throws -> Void) async {
    do {
      try await body()
      Issue.record("the run does not end")
    } catch {
      #expect((error as? PipelineFailure)?.cause as? PipelineTimeout == expected)
    }
  }

  // MARK: Idle

  @Test(arguments: [FailurePolicy.failFast, .skip])
  func run_ends_when_no_element_arrives(policy: FailurePolicy) async throws {
    let run = Pipeline(source).timeout(idle: .seconds(2), clock: clock).onFailure(policy)
      .prepareForEach { [seen] in await seen.send($0) }
    let running = Task { try await run() }
    await clock.sleepers(until: .seconds(2))
    clock.advance(by: .seconds(1))
    await source.send(1)
    #expect(await seen.next() == 1)
    await clock.sleepers(until: .seconds(3))
    clock.advance(by: .seconds(1))
    await source.send(2)
    #expect(await seen.next() == 2)
    await clock.sleepers(until: .seconds(4))
    clock.advance(by: .seconds(2))
    await expect(throwing: .idle(.seconds(2))) { try await running.value }
    expectAccounted(run.run.report)
  }

  @Test func run_ends_before_the_first_element() async throws {
    let pipeline = Pipeline(source).timeout(idle: .seconds(2), clock: clock)
    let running = Task { _ = try await pipeline.count() }
    await clock.sleepers(until: .seconds(2))
    clock.advance(by: .seconds(2))
    await expect(throwing: .idle(.seconds(2))) { try await running.value }
  }

  @Test func time_without_room_does_not_count() async throws {
    let (asked, gate) = (Counter(), Gate())
    let run = withFullBatches {
      Pipeline(CountedNumbers(asked: asked)).prefix(200).timeout(idle: .seconds(2), clock: clock)
        .mapAsync(width: 1, order: .input(window: 1)) {
          await gate.wait()
          return $0
        }
        .prepareForEach { _ in }
    }
    let running = Task { try await run() }
    // Then it holds as many elements as it can, and waits for room.
    #expect(await eventually { asked.value == AsyncPipelineTests.asked(batch: 32, room: 64) })
    clock.advance(by: .seconds(100))
    gate.open()
    try await running.value
    #expect(run.run.report.stages.last?.output == 200)
    expectAccounted(run.run.report)
  }

  @Test func source_stops_before_an_idle_timeout() async throws {
    try await expectAsked(asked(batch: 32, room: 64)) { $0.timeout(idle: .seconds(1), clock: clock) }
  }

  @Test func run_in_time_succeeds() async throws {
    let pipeline = Pipeline(0..<1_000).timeout(idle: .seconds(1), clock: clock).timeout(
      total: .seconds(1), clock: clock)
    #expect(try await pipeline.collect() == Array(0..<1_000))
  }

  // MARK: Total

  @Test(arguments: [FailurePolicy.failFast, .skip])
  func run_ends_when_the_total_time_is_over(policy: FailurePolicy) async throws {
    let run = Pipeline(source).timeout(total: .seconds(2), clock: clock).onFailure(policy)
      .prepareForEach { [seen] in await seen.send($0) }
    let running = Task { try await run() }
    await clock.sleepers(until: .seconds(2))
    clock.advance(by: .seconds(1))
    await source.send(1)
    #expect(await seen.next() == 1)
    clock.advance(by: .seconds(1))
    await expect(throwing: .total(.seconds(2))) { try await running.value }
    expectAccounted(run.run.report)
  }

  @Test func total_time_includes_time_without_room() async throws {
    let pipeline = Pipeline(0...).timeout(total: .seconds(2), clock: clock).mapAsync(width: 1) { _ in
      await untilCancelled()
    }
    let running = Task { _ = try await pipeline.count() }
    await clock.sleepers(until: .seconds(2))
    clock.advance(by: .seconds(2))
    await expect(throwing: .total(.seconds(2))) { try await running.value }
  }

  @Test func total_timeout_holds_no_elements() async throws {
    try await expectAsked(2) { $0.timeout(total: .seconds(1), clock: clock) }
  }

  @Test func failure_is_not_masked_by_a_timeout() async throws {
    let failing = Pipeline(0...).map { if $0 == 100 { throw Failure(element: $0) } else { $0 } }
    await AsyncPipelineTests.expect(throwing: Failure(element: 100)) {
      try await failing.timeout(total: .seconds(1), clock: clock).timeout(idle: .seconds(1), clock: clock).collect()
    }
  }

  @Test func cancelled_run_is_not_late() async throws {
    for pipeline in [
      Pipeline(source).timeout(total: .seconds(1), clock: clock),
      Pipeline(source).timeout(idle: .seconds(1), clock: clock),
    ] {
      let running = Task { try await pipeline.collect() }
      await clock.sleepers(until: .seconds(1))
      running.cancel()
      await #expect(throws: CancellationError.self) { try await running.value }
    }
  }
}
