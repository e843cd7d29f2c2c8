import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct TeeOperatorTests {
  @Test func tee_emits_all_elements_and_sends_them_into_the_branch() async throws {
    let (branch, line) = (Log<Int>(), Log<Int>())
    let report = try await Pipeline(0..<1_000)
      .tee { $0.map { -$0 }.mapAsync(width: 2) { $0 }.tap { branch.append($0) } }
      .map { $0 * 2 }
      .forEach { line.append($0) }
    #expect(line.entries == (0..<1_000).map { $0 * 2 })
    #expect(branch.entries == (0..<1_000).map { -$0 })
    expectAccounted(report)
    #expect(report.stages.map(\.name) == ["source", "tee", "tee branch", "mapAsync", "discard", "forEach"])
    #expect(report.stages.map(\.input) == [1_000, 1_000, 1_000, 1_000, 1_000, 1_000])
    #expect(try report.stage("tee").output == 2_000)
    #expect(try report.stage("tee").operators == ["map"])
  }

  @Test func blocked_branch_stops_the_main_line() async throws {
    let (asked, line, gate) = (Counter(), Counter(), Gate())
    let run = withFullBatches {
      Pipeline(CountedNumbers(asked: asked))
        .tee { $0.mapAsync(width: 1, order: .input(window: 1)) { _ in await gate.wait() } }
        .prepareForEach { _ in line.add() }
    }
    let running = Task { try await run() }
    #expect(await eventually { asked.value >= 96 && line.value >= 64 })
    #expect(await settled(asked, atLeast: 96) == 96)
    #expect(line.value == 64)
    running.cancel()
    gate.open()
    await #expect(throws: CancellationError.self) { try await running.value }
    expectAccounted(run.run.report)
  }

  @Test func blocked_main_line_stops_the_branch() async throws {
    let branch = Counter()
    // One element is in progress, and another one waits.
    try await expectAsked(2) { $0.tee { $0.tap { _ in branch.add() } } }
    #expect(branch.value == 2)
  }

  @Test func main_line_continues_without_a_branch_that_has_ended() async throws {
    let branch = Log<Int>()
    let report = try await Pipeline(0..<10_000).tee { $0.prefix(3).tap { branch.append($0) } }.forEach { _ in }
    #expect(branch.entries == [0, 1, 2])
    #expect(report.stages.last?.output == 10_000)
    expectAccounted(report)
    #expect(try report.stage("discard").output == 3)
  }

  @Test func branch_may_drop_its_elements() async throws {
    let report = try await Pipeline(0..<10_000).tee { _ in Pipeline(0..<3) }.forEach { _ in }
    #expect(report.stages.last?.output == 10_000)
    expectAccounted(report)
  }

  @Test func main_line_that_needs_no_more_elements_ends_the_branch() async throws {
    let report = try await Pipeline(0...).tee { $0.mapAsync(width: 2) { $0 } }.prefix(100).forEach { _ in }
    #expect(report.stages.last?.output == 100)
    expectAccounted(report)
    let behind = try await Pipeline(0...).tee { $0 }.mapAsync(width: 2) { $0 }.prefix(100).forEach { _ in }
    expectAccounted(behind)
  }

  @Test func policy_applies_to_failures_in_the_branch() async throws {
    let failing: @Sendable (Int) throws -> Int = { if $0 % 100 == 99 { throw Failure(element: $0) } else { $0 } }
    let pipeline = Pipeline(0..<1_000).tee { $0.map(failing) }
    await expect(throwing: Failure(element: 99)) { try await pipeline.forEach { _ in } }
    let report = try await pipeline.onFailure(.skip).forEach { _ in }
    #expect(try report.stage("tee branch").skipped == 10)
    #expect(report.stages.last?.output == 1_000)
    expectAccounted(report)
    expectAccounted(await pipeline.reportOfRun())
  }
}
