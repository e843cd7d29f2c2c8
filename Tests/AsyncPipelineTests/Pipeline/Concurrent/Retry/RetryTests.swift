import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct RetryTests {
  /// Fails `failures` times for each element.
  private func failing(_ failures: Int, _ tries: Log<Int>) -> @Sendable (Int) async throws -> Int {
    { element in
      tries.append(element)
      if tries.entries.count(where: { $0 == element }) <= failures { throw Failure(element: element) }
      return element
    }
  }

  @Test(arguments: [OutputOrder<Int>.input, .input(window: 1), .completion])
  func element_is_tried_again_until_it_succeeds(order: OutputOrder<Int>) async throws {
    let tries = Log<Int>()
    let report = try await Pipeline(0..<50).mapAsync(
      width: 3, order: order, retry: .retry(max: 2), failing(2, tries)
    ).forEach { _ in }
    #expect(tries.count == 150)
    #expect(report.stages[1].attempts == 150)
    #expect(report.stages[1].output == 50)
    report.expectIdentity("retry")
  }

  @Test func failure_that_stays_knows_how_many_attempts_there_were() async throws {
    let tries = Log<Int>()
    let report = try await Pipeline(0..<10).mapAsync(width: 2, retry: .retry(max: 3), failing(4, tries))
      .onFailure(.collect(limit: 100)).forEach { _ in }
    #expect(report.failures.count == 10)
    #expect(report.failures.allSatisfy { $0.attempt == 4 && $0.stage == "mapAsync" })
    #expect(report.stages[1].attempts == 40)
    report.expectIdentity("retry")
  }

  @Test func failure_that_is_not_asked_for_is_final() async throws {
    let report = try await Pipeline(0..<10).mapAsync(
      width: 2, retry: .retry(max: 3) { ($0 as? Failure)?.element == 7 }
    ) { element -> Int in throw Failure(element: element) }.onFailure(.collect(limit: 10)).forEach { _ in }
    for failure in report.failures { #expect(failure.attempt == (failure.element == "7" ? 4 : 1)) }
    #expect(report.stages[1].attempts == 13)
  }

  @Test func waits_grow_up_to_the_cap() async throws {
    let clock = ManualClock(sleepsEnd: .atOnce)
    let backoff = Backoff.exponential(first: .seconds(1), factor: 3, cap: .seconds(10))
    _ = try await Pipeline(0..<1).mapAsync(width: 1, retry: .retry(max: 4, backoff: backoff), clock: clock) {
      throw Failure(element: $0)
    }.onFailure(.skip).forEach { (_: Int) in }
    #expect(clock.asked == [.seconds(1), .seconds(3), .seconds(9), .seconds(10)])
  }

  @Test func waits_have_their_share_of_chance() {
    var generator = SeededGenerator(seed: 1)
    let backoff = Backoff.exponential(first: .seconds(8), jitter: 0.5)
    var delays: Set<Duration> = []
    for _ in 0..<100 { delays.insert(backoff.delay(after: 1, using: &generator)) }
    #expect(delays.allSatisfy { $0 >= .seconds(4) && $0 <= .seconds(8) })
    #expect(delays.count > 50)
    #expect(Backoff.exponential(first: .seconds(1)).delay(after: .max, using: &generator) == Backoff.defaultCap)
    #expect(Backoff.none.delay(after: .max, using: &generator) == .zero)
    #expect(Backoff.constant(.seconds(2)).delay(after: .max, using: &generator) == .seconds(2))
  }

  @Test func cancellation_ends_the_wait_before_an_attempt() async throws {
    let clock = ManualClock()
    let prepared = Pipeline(0..<10).mapAsync(
      width: 2, retry: .retry(max: .max, backoff: .constant(.seconds(1))), clock: clock
    ) { throw Failure(element: $0) }.onFailure(.skip).prepareForEach { (_: Int) in }
    let running = Task { try await prepared() }
    #expect(await eventually { clock.sleeping == 2 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    prepared.run.report.expectIdentity("cancelled while it waits")
    #expect(prepared.run.report.stages[1].attempts == 2)
  }

  @Test func cancellation_is_not_tried_again() async throws {
    let tries = Counter()
    await #expect(throws: CancellationError.self) {
      try await Pipeline(0..<1).mapAsync(width: 1, retry: .retry(max: 5)) { _ in
        tries.add()
        throw CancellationError()
      }.forEach { (_: Int) in }
    }
    #expect(tries.value == 1)
  }
}
