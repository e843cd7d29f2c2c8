import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ElementTimeoutTests {
  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func element_that_takes_too_long_is_cancelled_and_fails(order: OutputOrder<Int>) async throws {
    let (clock, atWork) = (ManualClock(), Counter())
    let running = Task {
      try await Pipeline(0..<10).mapAsync(width: 4, order: order, timeout: .seconds(1), clock: clock) { element in
        atWork.add(1)
        defer { atWork.add(-1) }
        if element == 5 { await untilCancelled() }
        return element
      }.onFailure(.collect(limit: 10)).forEach { #expect($0 != 5) }
    }
    // The nine others have left, and only the one that hangs is at work.
    #expect(await eventually { clock.asked.count == 10 && atWork.value == 1 && clock.sleeping == 1 })
    clock.advance(by: .seconds(1))
    let report = try await running.value
    #expect(atWork.value == 0)
    #expect(report.failures.map(\.element) == ["5"])
    #expect(report.failures.first?.cause as? PipelineTimeout == .element(.seconds(1)))
    report.expectIdentity("timeout")
  }

  @Test func element_that_does_not_heed_its_cancellation_is_waited_for_and_fails() async throws {
    let (clock, gate, isDone) = (ManualClock(sleepsEnd: .atOnce), Gate(), Counter())
    let running = Task {
      try await Pipeline(0..<1).mapAsync(width: 1, timeout: .seconds(1), clock: clock) { element in
        await gate.wait()
        isDone.add()
        return element
      }.forEach { _ in Issue.record("what came too late is passed on") }
    }
    #expect(await eventually { clock.asked.count == 1 && clock.sleeping == 0 })
    gate.open()
    let error = await #expect(throws: PipelineFailure.self) { try await running.value }
    #expect(error?.cause as? PipelineTimeout == .element(.seconds(1)))
    #expect(isDone.value == 1)
  }

  @Test func attempt_that_takes_too_long_is_tried_again() async throws {
    let (clock, tries) = (ManualClock(), Counter())
    let running = Task {
      try await Pipeline(0..<1).mapAsync(
        width: 1, timeout: .seconds(1), retry: .retry(max: 2) { $0 is PipelineTimeout }, clock: clock
      ) { element in
        if tries.add() < 3 { await untilCancelled() }
        return element
      }.collect()
    }
    for attempt in 1...2 {
      #expect(await eventually { tries.value == attempt && clock.asked.count == attempt && clock.sleeping == 1 })
      clock.advance(by: .seconds(1))
    }
    #expect(try await running.value == [0])
    #expect(tries.value == 3)
  }

  @Test func own_failure_and_result_in_time_are_what_counts() async throws {
    let clock = ManualClock()
    let report = try await Pipeline(0..<10).mapAsync(width: 3, timeout: .seconds(1), clock: clock) { element in
      if element == 3 { throw Failure(element: element) }
      return element
    }.onFailure(.collect(limit: 1)).forEach { _ in }
    #expect(report.failures.first?.cause as? Failure == Failure(element: 3))
    #expect(report.stages[1].output == 9)
    #expect(clock.sleeping == 0)
  }

  @Test func cancelled_run_is_no_timeout() async throws {
    let (clock, atWork) = (ManualClock(), Counter())
    let running = Task {
      try await Pipeline(0..<10).mapAsync(width: 3, timeout: .seconds(1), clock: clock) { element in
        atWork.add(1)
        defer { atWork.add(-1) }
        await untilCancelled()
        return element
      }.onFailure(.skip).forEach { _ in }
    }
    #expect(await eventually { atWork.value == 3 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    #expect(atWork.value == 0)
    #expect(clock.sleeping == 0)
  }
}
