import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct StageChainTests {
  private static let elements = [0, 3, 1, 1, 1, 4, 2, 2, 0, 5, 1, 1]

  @Test func two_as_one_come_to_what_they_do_one_after_the_other() async throws {
    let apart = Pipeline(Self.elements).through(Repeated()).through(RunLengths())
    let together = Pipeline(Self.elements).through(Repeated().then(RunLengths()))
    let expected = [[3, 3], [1, 3], [4, 4], [2, 4], [5, 5], [1, 2]]
    #expect(try await apart.collect() == expected)
    #expect(try await together.collect() == expected)
  }

  @Test(arguments: [1, 3])
  func four_as_one_account_for_all_elements(width: Int) async throws {
    let chain = Passing { $0 != 4 }.then(Repeated().then(Passing { $0 != 3 })).then(Delayed(by: 2))
    #expect(chain.name == "Passing + Repeated + Passing + Delayed")
    let elements = Log<Int>()
    let report = try await Pipeline(Self.elements).through(chain, width: width).forEach { elements.append($0) }
    let expected = Self.elements.filter { $0 != 4 }.flatMap { [Int](repeating: $0, count: $0) }.filter { $0 != 3 }
    #expect(elements.entries.sorted() == expected.sorted())
    if width == 1 { #expect(elements.entries == expected) }
    #expect(report.stages[1].metrics == ["dropped": 4])
    expectAccounted(report)
  }

  @Test func each_part_has_its_share_in_the_numbers() async throws {
    // 2 and 3 become five, of which three are dropped: a 3 that became three has two more, and ends three times.
    let report = try await Pipeline([2, 3]).through(Repeated().then(Passing { $0 == 2 })).forEach { _ in }
    let stage = report.stages[1]
    #expect((stage.input, stage.expanded, stage.output, stage.filtered) == (2, 3, 2, 3))
    let runs = try await Pipeline([2, 3]).through(Repeated().then(RunLengths())).forEach { _ in }
    #expect((runs.stages[1].expanded, runs.stages[1].output, runs.stages[1].combined) == (3, 2, 3))
    let kept = try await Pipeline([5, 5, 5, 6]).through(RunLengths().then(First())).forEach { _ in }
    #expect((kept.stages[1].combined, kept.stages[1].output, kept.stages[1].filtered) == (2, 2, 0))
  }

  private struct First: Stage {
    mutating func process(_ element: [Int], in context: StageContext<Int>) async throws {
      try await context.emit(element[0])
    }
  }

  @Test func failure_in_a_part_is_of_its_own_element() async throws {
    let chain = Repeated().then(Passing { if $0 == 3 { throw Failure(element: $0) } else { true } })
    let ended = Pipeline(1..<5).through(chain).prepareForEach { _ in }
    let failure = await #expect(throws: PipelineFailure.self) { try await ended() }
    #expect(failure?.stage == "Passing" && failure?.element == "3")
    expectAccounted(ended.run.report)

    // The first part does not learn of the failure, and continues.
    let report = try await Pipeline(1..<5).through(chain).onFailure(.skip).forEach { _ in }
    #expect((report.stages[1].skipped, report.stages[1].output) == (3, 7))
    expectAccounted(report)
  }

  @Test func failure_at_the_end_of_a_part_has_its_name() async throws {
    struct Unfinished: Stage {
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {}
      mutating func finish(in context: StageContext<Int>) async throws { throw Failure(element: 0) }
    }
    for chain in [Unfinished().then(Passing { _ in true }).name, Passing { _ in true }.then(Unfinished()).name] {
      #expect(chain.contains("Unfinished"))
    }
    let run = Pipeline(1..<5).through(Passing { _ in true }.then(Unfinished())).prepareForEach { _ in }
    let failure = await #expect(throws: PipelineFailure.self) { try await run() }
    #expect(failure?.stage == "Unfinished")
    expectAccounted(run.run.report)
  }

  @Test func end_of_demand_behind_a_chain_ends_it() async throws {
    let run = Pipeline(1...).through(Repeated().then(Delayed(by: 3))).prefix(10).prepareForEach { _ in }
    try await run()
    #expect(run.run.report.stages.last?.output == 10)
    expectAccounted(run.run.report)
  }
}
