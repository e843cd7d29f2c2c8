import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ThrottleOperatorTests {
  private let clock = ManualClock()
  private let seen = Channel<Int>()

  private func limit(_ perSecond: Int) -> RateLimit {
    RateLimit(perSecond: perSecond, burst: .zero, clock: clock)
  }

  @Test func elements_pass_at_the_rate() async throws {
    let limit = limit(10)
    let running = Task { [seen] in try await Pipeline(0..<5).throttle(limit).forEach { await seen.send($0) } }
    #expect(await seen.next() == 0)
    for element in 1..<5 {
      await clock.sleepers(until: .milliseconds(100 * element))
      #expect(seen.tryReceive() == nil)
      clock.advance(by: .milliseconds(100))
      #expect(await seen.next() == element)
    }
    let report = try await running.value
    expectAccounted(report)
    #expect(try report.stage("throttle").metrics == ["delayed": 4])
  }

  @Test func bytes_pass_when_the_elements_before_are_paid_for() async throws {
    let limit = limit(1_000)
    let running = Task { [seen] in
      try await Pipeline([2_500, 0, 500, 1]).throttle(limit) { $0 }.forEach { await seen.send($0) }
    }
    #expect(await seen.next() == 2_500)
    await clock.sleepers(until: .milliseconds(2_500))
    clock.advance(by: .milliseconds(2_500))
    #expect(await seen.next() == 0)
    #expect(await seen.next() == 500)
    await clock.sleepers(until: .seconds(3))
    clock.advance(by: .milliseconds(500))
    #expect(await seen.next() == 1)
    #expect(try await running.value.stage("throttle").bytes == 3_001)
  }

  @Test func change_of_the_rate_wakes_waiting_elements() async throws {
    let limit = limit(1)
    let running = Task { [seen] in try await Pipeline(0..<4).throttle(limit).forEach { await seen.send($0) } }
    #expect(await seen.next() == 0)
    await clock.sleepers(until: .seconds(1))
    limit.perSecond = 10
    await clock.sleepers(until: .milliseconds(100))
    // No task sleeps then, and no element passes.
    limit.perSecond = 0
    clock.advance(by: .seconds(100))
    #expect(seen.tryReceive() == nil)
    limit.perSecond = 2
    #expect(limit.perSecond == 2)
    // The debt remains.
    await clock.sleepers(until: .milliseconds(100_500))
    clock.advance(by: .milliseconds(500))
    #expect(await seen.next() == 1)
    await clock.sleepers(until: .seconds(101))
    limit.perSecond = 1_000
    await clock.sleepers(until: .milliseconds(100_501))
    clock.advance(by: .milliseconds(1))
    #expect(await seen.next() == 2)
    await clock.sleepers(until: .milliseconds(100_502))
    clock.advance(by: .milliseconds(1))
    #expect(await seen.next() == 3)
    expectAccounted(try await running.value)
  }

  @Test func pipelines_share_the_rate_of_a_limit() async throws {
    let limit = limit(10)
    let one = Pipeline(Array(repeating: 1, count: 5)).throttle(limit)
    let run = one.merge(with: one).prepareForEach { [seen] in await seen.send($0) }
    let running = Task { try await run() }
    #expect(await seen.next() == 1)
    for number in 1..<5 {
      await clock.sleepers(2, until: .milliseconds(100 * number))
      #expect(seen.tryReceive() == nil)
      clock.advance(by: .milliseconds(100))
      #expect(await seen.next() == 1)
    }
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    expectAccounted(run.run.report)
  }

  @Test(arguments: [0, 1])
  func cancelled_throttle_stops_waiting(perSecond: Int) async throws {
    let limit = limit(perSecond)
    let run = Pipeline(0..<1_000).throttle(limit).prepareForEach { _ in }
    let running = Task { try await run() }
    if perSecond > 0 { await clock.sleepers(until: .seconds(1)) }
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    expectAccounted(run.run.report)
    #expect(try run.run.report.stage("throttle").output == perSecond)
  }

  @Test func source_stops_before_a_throttle() async throws {
    let limit = limit(.max)
    try await expectAsked(asked(batch: 32, room: 64)) { $0.throttle(limit) { _ in 0 } }
  }

  @Test func failure_behind_a_throttle_ends_its_waiting() async throws {
    let limit = limit(1)
    await expect(throwing: Failure(element: 0)) {
      try await Pipeline(0...).throttle(limit).forEach { throw Failure(element: $0) }
    }
  }
}
