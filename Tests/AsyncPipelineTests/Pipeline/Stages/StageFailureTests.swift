import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct StageFailureTests {
  private let failing = Repeated { $0 == 3 }

  @Test func failure_ends_the_run_and_knows_its_place() async throws {
    let run = Pipeline(0..<10).through(failing).prepareForEach { _ in }
    let failure = await #expect(throws: PipelineFailure.self) { try await run() }
    #expect(failure?.stage == "Repeated" && failure?.element == "3")
    #expect(failure?.cause as? Failure == Failure(element: 3))
    #expect(try run.run.report.stage("Repeated").failed == 1)
    expectAccounted(run.run.report)
  }

  @Test func element_that_failed_is_left_out_and_what_it_emitted_is_not() async throws {
    let seen = Log<Int>()
    let report = try await Pipeline(0..<5).through(failing).onFailure(.skip).forEach { seen.append($0) }
    #expect(seen.entries == [1, 2, 2, 3, 3, 3, 4, 4, 4, 4])
    let stage = try report.stage("Repeated")
    #expect((stage.skipped, stage.filtered, stage.expanded) == (1, 1, 7))
    expectAccounted(report)
  }

  @Test func failures_are_collected_and_routed() async throws {
    let collected = try await Pipeline(0..<5).through(failing).onFailure(.collect(limit: 1)).forEach { _ in }
    #expect(collected.failures.map(\.element) == ["3"])
    let routed = Log<String>()
    let report = try await Pipeline(0..<5).through(failing).onFailure(.route { routed.append($0.element) })
      .forEach { _ in }
    #expect(routed.entries == ["3"])
    expectAccounted(report)
  }

  @Test func state_outlives_a_failure() async throws {
    struct Numbered: Stage {
      var count = 0
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
        count += 1
        if element == 5 { throw Failure(element: element) }
        try await context.emit(count)
      }
    }
    let numbers = Pipeline([4, 5, 6]).through(Numbered()).onFailure(.skip)
    #expect(try await numbers.collect() == [1, 3])
  }

  @Test func stage_that_fails_at_its_end_ends_the_run_whatever_the_policy() async throws {
    struct Unfinished: Stage {
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws { context.keep() }
      mutating func finish(in context: StageContext<Int>) async throws { throw Failure(element: 0) }
    }
    let run = Pipeline(0..<10).through(Unfinished()).onFailure(.skip).prepareForEach { _ in }
    let failure = await #expect(throws: PipelineFailure.self) { try await run() }
    #expect(failure?.stage == "Unfinished" && failure?.element == "")
    #expect(try run.run.report.stage("Unfinished").cancelled == 10)
    expectAccounted(run.run.report)
  }

  /// Fails, or continues, where it cannot emit.
  private struct Stubborn: Stage {
    let fails: Bool
    mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
      do {
        try await context.emit(element)
      } catch {
        #expect(error is CancellationError)
        await #expect(throws: CancellationError.self) { try await context.emit(element) }
        if fails { throw Failure(element: element) }
      }
    }
  }

  @Test(arguments: [false, true])
  func stage_that_cannot_emit_does_not_change_how_the_run_ends(fails: Bool) async throws {
    let well = Pipeline(0...).through(Stubborn(fails: fails)).prefix(100).prepareForEach { _ in }
    try await well()
    #expect(well.run.report.failed == 0)
    expectAccounted(well.run.report)

    let behind = Pipeline(0...).through(Stubborn(fails: fails)).map { element -> Int in
      if element == 50 { throw Failure(element: -1) } else { return element }
    }.prepareForEach { _ in }
    await AsyncPipelineTests.expect(throwing: Failure(element: -1)) { try await behind() }
    expectAccounted(behind.run.report)

    let seen = Counter()
    let cancelled = Pipeline(0...).through(Stubborn(fails: fails)).prepareForEach { _ in seen.add() }
    let running = Task { try await cancelled() }
    #expect(await eventually { seen.value > 100 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    #expect(cancelled.run.report.failed == 0)
    expectAccounted(cancelled.run.report)
  }
}
