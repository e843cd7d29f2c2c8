import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PipelineHandleTests {
  @Test func each_sink_can_be_started() async throws {
    let pipeline = Pipeline(0..<1_000).mapAsync(width: 2) { $0 }.filter { $0 % 2 == 0 }
    let seen = Log<Int>()
    try await pipeline.start { seen.append($0) }.value
    #expect(seen.entries == Array(stride(from: 0, to: 1_000, by: 2)))
    #expect(try await pipeline.start(.collect).value == seen.entries)
    #expect(try await pipeline.start(.count).value == 500)
    #expect(try await pipeline.start(.fold(into: 0) { $0 += $1 }).value == 249_500)
  }

  @Test func run_uses_the_given_executor() async throws {
    let (executor, seen) = (QueueExecutor(), Counter())
    let handle = Pipeline(0..<100).mapAsync(width: 2) { element in
      if executor.isCurrent { seen.add() }
      return element
    }.start(.forEach { _ in if executor.isCurrent { seen.add() } }, on: executor)
    try await handle.value
    #expect(seen.value == 200)
  }

  @Test func cancelled_run_ends_and_accounts_for_all_elements() async throws {
    let seen = Counter()
    let handle = Pipeline(0...).mapAsync(width: 3) { $0 }.start { _ in seen.add() }
    #expect(await eventually { seen.value > 100 })
    handle.cancel()
    await #expect(throws: CancellationError.self) { try await handle.value }
    handle.report.expectIdentity("")
    #expect(handle.report.stages.last?.output == seen.value)
  }

  @Test func drained_run_succeeds_with_the_elements_in_progress() async throws {
    let seen = Counter()
    let handle = Pipeline(0...).mapAsync(width: 3) { $0 }.through(Delayed(by: 10)).start(
      .fold(into: 0) { sum, element in
        sum += element
        seen.add()
      })
    #expect(await eventually { seen.value > 100 })
    handle.drain()
    let sum = try await handle.value
    let count = handle.report.stages[0].input
    #expect(seen.value == count && sum == count * (count - 1) / 2)
    handle.report.expectIdentity("")
  }

  @Test func failed_run_still_has_its_report() async throws {
    let handle = Pipeline(0...).mapAsync(width: 3) { element in
      if element == 500 { throw Failure(element: element) }
      return element
    }.start(.collect)
    let result = await handle.result
    await expect(throwing: Failure(element: 500)) { try result.get() }
    #expect(handle.report.failed == 1)
    handle.report.expectIdentity("")
    // The result can be read again.
    await expect(throwing: Failure(element: 500)) { try await handle.value }
  }

  @Test func report_grows_while_the_run_lasts() async throws {
    let source = Channel<Int>()
    let handle = Pipeline(source).mapAsync(width: 1) { $0 }.start(.count)
    for element in 1...3 {
      await source.send(element)
      #expect(await eventually { handle.report.stages.last?.output == element })
    }
    source.finish()
    #expect(try await handle.value == 3)
  }

  @Test func run_whose_handle_is_released_continues() async {
    let (seen, gate) = (Counter(), Gate())
    do {
      let handle = Pipeline(0..<1_000).start { _ in
        await gate.wait()
        seen.add()
      }
      #expect(handle.report.stages.count == 2)
    }
    gate.open()
    #expect(await eventually { seen.value == 1_000 })
  }

  @Test func cancelling_a_wait_for_the_value_does_not_cancel_the_run() async throws {
    let gate = Gate()
    let handle = Pipeline(0..<10).start { _ in await gate.wait() }
    let waiting = Task { try await handle.value }
    waiting.cancel()
    gate.open()
    try await waiting.value
    #expect(handle.report.stages.last?.output == 10)
  }
}
