import Testing

@testable import AsyncPipeline

/// How stages spend their time, with a clock that advances in seconds.
@Suite(.timeLimit(.minutes(5)))
struct StageTimesTests {
  private let run = TimedRun()
  private var clock: ManualClock { run.clock }

  private func seconds(_ report: PipelineReport, _ time: KeyPath<PipelineReport.Stage, Duration>) -> [Int64] {
    report.stages.map { $0[keyPath: time].components.seconds }
  }

  /// The next of 20 numbers, a second after the previous one.
  private var slowNumbers: AsyncStream<Int> {
    let next = Counter()
    return AsyncStream { [clock] in
      try? await clock.sleep(for: .seconds(1))
      return next.value < 20 ? next.add() : nil
    }
  }

  @Test func slow_stage_is_busy_while_its_neighbours_wait() async throws {
    let report = try await run.report(
      of: Pipeline(0..<20).mapAsync(width: 1, readAhead: 4, order: .completion) { [clock] in
        try await clock.sleep(for: .seconds(1))
        return $0
      })
    #expect(report.duration == .seconds(20))
    #expect(seconds(report, \.busy) == [0, 20, 0])
    #expect(seconds(report, \.starved) == [0, 0, 20])
    // The last batch of 4 is in the queue when 15 elements are done.
    #expect(seconds(report, \.blocked) == [15, 0, 0])
    // Four in the queue, and four that wait for room.
    #expect(report.stages.map(\.queueHighWater) == [0, 8, 1])
    #expect(report.stages.map(\.attempts) == [0, 20, 20])
    #expect(report.stages.map(\.tasks) == [1, 1, 1])
    #expect(
      report.bottleneck?.reason
        == """
        The bottleneck is mapAsync: its task was busy for 100 % of the time, while the source was blocked for 75 % and \
        the sink (forEach) was starved for 100 %.
        """)
  }

  @Test func slow_sink_blocks_the_stages_before_it() async throws {
    let report = try await run.report(
      of: Pipeline(0..<20).mapAsync(width: 2, readAhead: 4, order: .completion) { $0 }
    ) { [clock] _ in try await clock.sleep(for: .seconds(1)) }
    #expect(report.duration == .seconds(20))
    #expect(seconds(report, \.busy) == [0, 0, 20])
    #expect(report.stages[1].blocked > .seconds(5) && report.stages[1].tasks == 2)
    #expect(report.bottleneck?.stage.name == "forEach")
  }

  @Test func slow_source_starves_the_stages_behind_it() async throws {
    let report = try await run.report(
      of: Pipeline(slowNumbers).mapAsync(width: 3, order: .completion) { $0 })
    // The end takes one more request.
    #expect(report.duration == .seconds(21))
    #expect(seconds(report, \.busy) == [21, 0, 0])
    #expect(seconds(report, \.starved) == [0, 63, 21])
    #expect(seconds(report, \.blocked) == [0, 0, 0])
    #expect(
      report.bottleneck?.reason
        == """
        The bottleneck is the source: its task was busy for 100 % of the time, while mapAsync was starved for 100 %.
        """)
  }

  @Test func wait_between_attempts_is_delayed_and_not_busy() async throws {
    let tries = Counter()
    let report = try await run.report(
      of: Pipeline(0..<3).mapAsync(
        width: 1, retry: .retry(max: 1, backoff: .constant(.seconds(3))), clock: clock
      ) { [clock] element in
        try await clock.sleep(for: .seconds(1))
        if tries.add() % 2 == 1 { throw Failure(element: element) }
        return element
      })
    #expect(report.duration == .seconds(15))
    #expect(seconds(report, \.busy) == [0, 6, 0])
    #expect(seconds(report, \.delayed) == [0, 9, 0])
    #expect(report.stages[1].attempts == 6)
    #expect(report.bottleneck?.reason.contains("was busy for 40 % and delayed for 60 %") == true)
  }

  @Test func wait_for_a_rate_limit_is_delayed() async throws {
    let limit = RateLimit(perSecond: 1, burst: .zero, clock: clock)
    let report = try await run.report(of: Pipeline(0..<5).throttle(limit))
    #expect(seconds(report, \.busy) == [0, 0, 0])
    #expect(seconds(report, \.delayed) == [0, 4, 0])
    #expect(report.stages[1].metrics == ["delayed": 4])
    #expect(report.bottleneck?.stage.name == "throttle")
  }

  @Test func worker_whose_element_waits_for_its_key_is_starved() async throws {
    let report = try await run.report(
      of: Pipeline(0..<20).mapAsync(width: 3, readAhead: 4, order: .perKey { _ in 0 }) { [clock] in
        try await clock.sleep(for: .seconds(1))
        return $0
      })
    #expect(report.duration == .seconds(20))
    #expect(seconds(report, \.busy) == [0, 20, 0])
    // Two of the three, until there is room behind the last element, where the end is: five are at work or wait here.
    #expect(seconds(report, \.starved) == [0, 2 * 16, 20])
  }

  /// A stage without tasks runs in the tasks of the stages before it, which wait for it.
  @Test func source_before_a_stage_without_tasks_is_blocked_and_not_busy() async throws {
    let slow: @Sendable (Int) async throws -> Int = { [clock] in
      try await clock.sleep(for: .seconds(1))
      return $0
    }
    for pipeline in [
      Pipeline(0..<500).merge(with: Pipeline(0..<5)).mapAsync(width: 5, readAhead: 4, order: .completion, slow),
      Pipeline(0..<500).tee { $0.mapAsync(width: 5, order: .input(window: 10), slow) },
      Pipeline(0..<500).partition(by: { $0 % 2 }, among: [0, 1]) {
        $1.mapAsync(width: 5, order: .input(window: 10), slow)
      },
      Pipeline(0..<500).timeout(total: .seconds(1_000), clock: clock).mapAsync(width: 5, readAhead: 4, slow),
    ] {
      let report = try await run.report(of: pipeline)
      #expect(report.stages[0].busy == .zero && report.stages[0].blocked > .seconds(20), "\(report)")
      #expect(report.stages.filter { $0.tasks == 0 }.allSatisfy { $0.busy == .zero }, "\(report)")
    }
  }
}
