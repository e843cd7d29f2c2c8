import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PartitionOperatorTests {
  private enum Parity: CaseIterable {
    case even, odd
  }

  @Test func partition_sends_each_element_into_the_branch_of_its_key() async throws {
    let elements = try await Pipeline(0..<1_000).partition {
      $0 % 2 == 0 ? Parity.even : .odd
    } into: { parity, part in
      switch parity {
      case .even: part.map { "\($0)" }.erased
      case .odd: part.mapAsync(width: 3) { "-\($0)" }
      }
    }.collect()
    #expect(elements.filter { !$0.hasPrefix("-") } == stride(from: 0, to: 1_000, by: 2).map { "\($0)" })
    #expect(elements.filter { $0.hasPrefix("-") } == stride(from: 1, to: 1_000, by: 2).map { "-\($0)" })
  }

  @Test func report_shows_the_branches() async throws {
    let report = try await Pipeline(0..<10).partition(by: { $0 % 3 }, among: [0, 1, 2]) { $1.filter { $0 < 7 } }
      .map { $0 }.forEach { _ in }
    expectAccounted(report)
    #expect(
      report.stages.map(\.name)
        == ["source", "partition", "partition: 0", "partition: 1", "partition: 2", "merge", "forEach"])
    #expect(report.stages.map(\.input) == [10, 10, 4, 3, 3, 7, 7])
    #expect(report.stages.map(\.filtered) == [0, 0, 1, 1, 1, 0, 0])
    #expect(try report.stage("merge").operators == ["map"])
  }

  @Test func element_without_a_branch_fails() async throws {
    let pipeline = Pipeline(0..<100).partition(by: { $0 % 10 }, among: [0, 1]) { $1 }
    do {
      _ = try await pipeline.count()
      Issue.record("an element without a branch does not fail")
    } catch {
      let failure = try #require(error as? PipelineFailure)
      #expect(failure.cause as? UnknownPartition == UnknownPartition(key: "2"))
      #expect((failure.stage, failure.element) == ("partition", "2"))
    }
    let report = try await pipeline.onFailure(.skip).forEach { _ in }
    #expect(try report.stage("partition").skipped == 80)
    #expect(report.stages.last?.output == 20)
    expectAccounted(report)
  }

  @Test func failures_of_the_key_are_routed() async throws {
    let routed = Counter()
    let report = try await Pipeline(0..<1_000)
      .partition(by: { if $0 % 10 == 0 { throw Failure(element: $0) } else { $0 % 2 } }, among: [0, 1]) { $1 }
      .onFailure(.route { _ in routed.add() }).forEach { _ in }
    #expect(routed.value == 100)
    #expect(report.failed == 100)
    expectAccounted(report)
  }

  @Test func failure_in_a_branch_ends_the_run() async throws {
    let report = await Pipeline(0...).partition(by: { $0 % 2 }, among: [0, 1]) { key, part in
      part.mapAsync(width: 2) { if key == 1, $0 > 500 { throw Failure(element: $0) } else { $0 } }
    }.reportOfRun()
    #expect(report.failed >= 1)
    expectAccounted(report)
  }

  @Test func blocked_branch_stops_the_source() async throws {
    try await expectAsked(asked(batch: 32, room: 64)) { $0.partition(by: { _ in 1 }, among: [0, 1]) { $1 } }
  }

  @Test func branches_continue_without_one_that_has_ended() async throws {
    let report = try await Pipeline(0..<10_000).partition(by: { $0 % 2 }, among: [0, 1]) { key, part in
      part.prefix(key == 0 ? 3 : 10_000)
    }.forEach { _ in }
    #expect(report.stages.last?.output == 5_003)
    expectAccounted(report)
  }

  @Test func source_is_ended_when_all_branches_have() async throws {
    for source in [Pipeline(0...), Pipeline(Channel<Int>())] {
      let isEndless = source.erased
      let report = try await isEndless.partition(by: { $0 % 2 }, among: [0, 1]) { $1.prefix(0) }.forEach { _ in }
      #expect(report.stages.last?.output == 0)
      expectAccounted(report)
    }
    let report = try await Pipeline(0...).partition(by: { $0 % 2 }, among: [0, 1]) { $1.prefix(100) }.forEach { _ in }
    #expect(report.stages.last?.output == 200)
    expectAccounted(report)
  }

  @Test func partition_can_be_in_a_branch() async throws {
    let elements = try await Pipeline(0..<1_000).partition(by: { $0 % 2 }, among: [0, 1]) { key, part in
      part.partition(by: { $0 % 3 }, among: [0, 1, 2]) { inner, part in part.map { [key, inner, $0] } }
    }.collect()
    #expect(elements.allSatisfy { $0[2] % 2 == $0[0] && $0[2] % 3 == $0[1] })
    #expect(elements.map { $0[2] }.sorted() == Array(0..<1_000))
  }
}
