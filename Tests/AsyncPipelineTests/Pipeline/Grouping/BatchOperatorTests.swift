import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct BatchOperatorTests {
  @Test(arguments: [1, 2, 7, 64, 100, 1_000, 5_000])
  func batches_have_the_count_and_the_last_one_has_the_rest(count: Int) async throws {
    let batches = try await Pipeline(0..<1_000).batch(count: count).collect()
    #expect(batches.flatMap { $0 } == Array(0..<1_000))
    #expect(batches.dropLast().allSatisfy { $0.count == count })
    #expect(batches.count == (1_000 + count - 1) / count)
  }

  @Test func no_elements_make_no_batch() async throws {
    #expect(try await Pipeline([Int]()).batch(count: 3).collect().isEmpty)
  }

  @Test func batch_is_closed_before_it_would_be_too_heavy() async throws {
    let batches = try await Pipeline([3, 3, 3, 4, 20, 1, 10, 1, 9, 1]).batch(count: 3, weight: .atMost(10) { $0 })
      .collect()
    #expect(batches == [[3, 3, 3], [4], [20], [1], [10], [1, 9], [1]])
  }

  @Test func batch_is_emitted_when_it_is_old_enough() async throws {
    let (clock, source, seen, sorted) = (ManualClock(), Channel<Int>(), Channel<[Int]>(), Channel<Int>(capacity: 9))
    let running = Task {
      try await Pipeline(source)
        .batch(
          count: 100,
          weight: .atMost(100) {
            _ = sorted.trySend($0)
            return 1
          }, within: .seconds(10), clock: clock
        )
        .forEach { await seen.send($0) }
    }
    await source.send(1)
    await clock.sleepers(until: .seconds(10))
    // Measured from the arrival of the first element.
    clock.advance(by: .seconds(9))
    await source.send(2)
    #expect(await sorted.next() == 1)
    #expect(await sorted.next() == 2)
    await clock.sleepers(until: .seconds(10))
    #expect(seen.tryReceive() == nil)
    clock.advance(by: .seconds(1))
    #expect(await seen.next() == [1, 2])
    // While the batch is empty there is no deadline.
    clock.advance(by: .seconds(100))
    await source.send(3)
    await clock.sleepers(until: .seconds(120))
    clock.advance(by: .seconds(10))
    #expect(await seen.next() == [3])
    await source.send(4)
    await clock.sleepers(until: .seconds(130))
    source.finish()
    #expect(await seen.next() == [4])
    expectAccounted(try await running.value)
  }

  @Test func due_batch_takes_no_more_elements() async throws {
    let clock = ManualClock()
    // Time passes while elements arrive; no task waits for it.
    let batches = try await Pipeline(0..<200)
      .batch(
        count: 1_000,
        weight: .atMost(1_000) {
          if $0 == 1 { clock.advance(by: .seconds(10)) }
          return 1
        }, within: .seconds(10), clock: clock
      )
      .collect()
    // The stage had already taken the elements that arrived together with that one.
    #expect(batches == [Array(0..<64), Array(64..<200)])
  }

  @Test func report_counts_all_but_one_of_each_batch_as_combined() async throws {
    let report = try await Pipeline(0..<10).batch(count: 4).forEach { _ in }
    expectAccounted(report)
    let stage = try report.stage("batch")
    #expect((stage.input, stage.output, stage.combined) == (10, 3, 7))
  }

  @Test(arguments: [1, 2, 5, 64, 100])
  func source_stops_before_a_full_batch(count: Int) async throws {
    let queue = min(count, 64)
    // One batch is in progress behind it, and another waits to be passed on.
    try await expectAsked(asked(batch: queue, room: queue + 2 * count)) { $0.batch(count: count) }
  }

  @Test func elements_of_an_open_batch_are_cancelled_when_the_run_ends() async throws {
    let (source, clock) = (Channel<Int>(), ManualClock())
    let run = Pipeline(source).batch(count: 100, within: .seconds(10), clock: clock).prepareForEach { _ in }
    let running = Task { try await run() }
    await source.send(1)
    await clock.sleepers(until: .seconds(10))
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    expectAccounted(run.run.report)
    #expect(try run.run.report.stage("batch").cancelled == 1)
  }

  @Test func failure_before_or_behind_a_batch_is_thrown() async throws {
    await expect(throwing: Failure(element: 70)) {
      try await Pipeline(0...).map { if $0 == 70 { throw Failure(element: $0) } else { $0 } }.batch(count: 1_000)
        .collect()
    }
    await expect(throwing: Failure(element: 14)) {
      try await Pipeline(0...).batch(count: 7).map { if $0[0] == 14 { throw Failure(element: $0[0]) } }.collect()
    }
  }

  @Test func prefix_of_batches_ends_an_infinite_source() async throws {
    let report = try await Pipeline(0...).batch(count: 3).prefix(2).forEach { #expect($0.count == 3) }
    expectAccounted(report)
    #expect(report.stages.last?.output == 2)
  }
}
