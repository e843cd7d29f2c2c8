import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PipelineProgressTests {
  private let source = Channel<Int>()
  private let clock = ManualClock()

  private func start() -> PipelineHandle<Void> {
    Pipeline(source).start { _ in }
  }

  /// Sends one more element, and waits until it has arrived.
  private func feed(_ handle: PipelineHandle<Void>, _ count: Int) async {
    await source.send(count)
    #expect(await eventually { handle.report.stages.last?.output == count })
  }

  @Test func reports_arrive_at_the_interval_and_at_the_end() async throws {
    let handle = start()
    let reports = Channel<Int?>()
    let reading = Task { [clock] in
      for await report in handle.progress(every: .seconds(5), clock: clock) {
        await reports.send(report.stages.last?.output)
      }
      reports.finish()
    }
    for count in 1...3 {
      await feed(handle, count)
      await clock.sleepers(until: .seconds(5 * count))
      clock.advance(by: .seconds(5))
      #expect(await reports.next() == count)
    }
    await feed(handle, 4)
    source.finish()
    #expect(await reports.next() == 4)
    #expect(await reports.next() == nil)
    await reading.value
  }

  @Test func slow_reader_gets_the_newest_report_only() async throws {
    let handle = start()
    var reports = handle.progress(every: .seconds(1), clock: clock).makeAsyncIterator()
    await feed(handle, 1)
    clock.advance(by: .seconds(100))
    await feed(handle, 2)
    #expect(await reports.next()?.stages.last?.output == 2)
    // The next interval begins now.
    async let feeding: Void = {
      await clock.sleepers(until: .seconds(101))
      await feed(handle, 3)
      source.finish()
    }()
    #expect(await reports.next()?.stages.last?.output == 3)
    await feeding
  }

  @Test(arguments: [false, true])
  func each_reader_gets_the_final_report(isLate: Bool) async throws {
    let handle = start()
    let early = handle.progress(every: .seconds(1), clock: clock)
    await feed(handle, 1)
    source.finish()
    if isLate { try await handle.value }
    for _ in 0..<2 {
      var reports = early.makeAsyncIterator()
      #expect(await reports.next() == handle.report)
      #expect(await reports.next() == nil)
    }
  }

  @Test func failed_run_has_a_final_report() async throws {
    let handle = Pipeline(0..<10).start { if $0 == 5 { throw Failure(element: $0) } }
    var reports = handle.progress(every: .seconds(1), clock: clock).makeAsyncIterator()
    let last = await reports.next()
    #expect(last == handle.report && last?.failed == 1)
    #expect(await reports.next() == nil)
  }

  @Test func cancelled_reader_does_not_cancel_the_run() async throws {
    let handle = start()
    let reading = Task { [clock] in
      var count = 0
      for await _ in handle.progress(every: .seconds(1), clock: clock) { count += 1 }
      return count
    }
    await clock.sleepers(until: .seconds(1))
    reading.cancel()
    #expect(await reading.value == 0)
    await feed(handle, 1)
    source.finish()
    try await handle.value
  }
}
