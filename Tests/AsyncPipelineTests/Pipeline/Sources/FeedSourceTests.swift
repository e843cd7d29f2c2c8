import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct FeedSourceTests {
  @Test(arguments: [0, 1, 64, 100])
  func all_elements_arrive_in_order(capacity: Int) async throws {
    let feed = Channel<Int>(capacity: capacity)
    let run = Pipeline(feed: feed).mapAsync(width: 3) { $0 }.start(.collect)
    for element in 0..<1_000 { #expect(await feed.send(element) == .sent) }
    feed.finish()
    #expect(try await run.value == Array(0..<1_000))
    run.report.expectIdentity("")
  }

  @Test func several_tasks_can_feed_a_run() async throws {
    let feed = Channel<Int>(capacity: 4)
    let run = Pipeline(feed: feed).start(.collect)
    await withTaskGroup(of: Void.self) { group in
      for first in 0..<8 {
        group.addTask { for element in 0..<100 { await feed.send(8 * element + first) } }
      }
    }
    feed.finish()
    #expect(try await run.value.sorted() == Array(0..<800))
  }

  @Test func element_does_not_wait_for_the_next() async throws {
    let (feed, seen) = (Channel<Int>(capacity: 10), Channel<Int>())
    let run = Pipeline(feed: feed).map { $0 }.start { await seen.send($0) }
    for element in 0..<5 {
      await feed.send(element)
      #expect(await seen.next() == element)
    }
    feed.finish()
    try await run.value
  }

  @Test func send_to_a_blocked_run_waits() async throws {
    let (feed, sent, gate) = (Channel<Int>(capacity: 10), Counter(), Gate())
    let run = Pipeline(feed: feed).mapAsync(width: 1, order: .input(window: 1)) { element in
      await gate.wait()
      return element
    }.start { (_: Int) in }
    let feeding = Task {
      for element in 0..<1_000 {
        await feed.send(element)
        sent.add()
      }
      feed.finish()
    }
    // The size of the first batch is not determined.
    let most = 10 + BatchBuffer<Int>.defaultSize + 1
    #expect(await eventually { sent.value > 10 })
    #expect(await settled(sent) <= most)
    gate.open()
    await feeding.value
    try await run.value
    #expect(run.report.stages.last?.output == 1_000)
  }

  // MARK: The end

  /// Ways for a run to end early.
  enum End: CaseIterable {
    case cancel, failure, prefix, prefixOfNothing
  }

  @Test(arguments: End.allCases, [0, 5, 100])
  func run_that_ends_early_returns_the_elements_that_it_does_not_count(end: End, capacity: Int) async throws {
    let feed = Channel<Int>(capacity: capacity)
    let seen = Counter()
    let pipeline = Pipeline(feed: feed).mapAsync(width: 2) { element in
      if end == .failure, element == 50 { throw Failure(element: element) }
      return element
    }
    let limit: Int? = [.prefix: 50, .prefixOfNothing: 0][end]
    let run = (limit.map { pipeline.prefix($0).erased } ?? pipeline).start { _ in seen.add() }
    let feeding = Task {
      var sent = 0
      while case .sent = await feed.send(sent) { sent += 1 }
      return sent
    }
    if end == .cancel {
      #expect(await eventually { seen.value >= 50 })
      run.cancel()
    }
    let result = await run.result
    switch end {
    case .cancel: #expect(throws: CancellationError.self) { try result.get() }
    case .failure: await expect(throwing: Failure(element: 50)) { try result.get() }
    case .prefix, .prefixOfNothing: try result.get()
    }
    // No producer waits, and the report counts all elements that were sent.
    let sent = await feeding.value
    #expect(run.report.stages[0].input == sent)
    run.report.expectIdentity("\(end)")
    #expect(feed.isFinished)
  }

  @Test func enough_elements_end_the_feed_before_the_run() async throws {
    let (feed, gate) = (Channel<Int>(), Gate())
    let run = Pipeline(feed: feed).prefix(3).start { _ in await gate.wait() }
    for element in 0..<3 { await feed.send(element) }
    #expect(await eventually { feed.isFinished })
    #expect(await feed.send(3) == .finished(3))
    gate.open()
    try await run.value
  }

  @Test func drained_run_processes_all_elements_that_were_sent() async throws {
    let (feed, gate, seen) = (Channel<Int>(capacity: 100), Gate(), Counter())
    let run = Pipeline(feed: feed).mapAsync(width: 2, readAhead: 3) { element in
      await gate.wait()
      return element
    }.start { _ in seen.add() }
    let feeding = Task {
      var sent = 0
      while case .sent = await feed.send(sent) { sent += 1 }
      return sent
    }
    #expect(await eventually { run.report.stages[0].input > 5 })
    run.drain()
    let sent = await feeding.value
    gate.open()
    try await run.value
    #expect(seen.value == sent)
    #expect(run.report.stages.allSatisfy { $0.input == sent && $0.output == sent })
  }

  @Test func feed_that_fails_ends_the_run_whatever_the_policy() async throws {
    let feed = ThrowingChannel<Int, any Error>(capacity: 10)
    let seen = Counter()
    let run = Pipeline(feed: feed).onFailure(.skip).start { _ in seen.add() }
    for element in 0..<5 { await feed.send(element) }
    #expect(await eventually { seen.value == 5 })
    feed.fail(Failure(element: 5))
    await expect(throwing: Failure(element: 5)) { try await run.value }
    #expect(await feed.send(6) == .finished(6))
    run.report.expectIdentity("")
  }

  // MARK: Several runs

  @Test func later_run_is_empty() async throws {
    let feed = Channel<Int>(capacity: 3)
    let pipeline = Pipeline(feed: feed)
    await feed.send(contentsOf: [1, 2, 3])
    // Sent before the run begins, and received by the first run.
    #expect(try await pipeline.prefix(2).collect() == [1, 2])
    #expect(try await pipeline.collect() == [])
  }

  @Test func concurrent_runs_share_the_elements() async throws {
    let feed = Channel<Int>()
    let runs = (0..<3).map { _ in Pipeline(feed: feed).start(.count) }
    for element in 0..<1_000 { await feed.send(element) }
    feed.finish()
    var count = 0
    for run in runs { count += try await run.value }
    #expect(count == 1_000)
  }

  @Test func run_that_is_drained_or_cancelled_before_it_begins_ends_the_feed() async throws {
    for isCancelled in [false, true] {
      let feed = Channel<Int>(capacity: 3)
      await feed.send(contentsOf: [1, 2, 3])
      let run = Pipeline(feed: feed).prepareCollect()
      if !isCancelled { run.run.drain() }
      let running = Task {
        if isCancelled { await untilCancelled() }
        return try await run()
      }
      if isCancelled { running.cancel() }
      #expect((try? await running.value) == (isCancelled ? nil : [1, 2, 3]))
      #expect(feed.isFinished)
      #expect(run.run.report.stages[0].cancelled == (isCancelled ? 3 : 0))
      run.run.report.expectIdentity("")
    }
  }
}
