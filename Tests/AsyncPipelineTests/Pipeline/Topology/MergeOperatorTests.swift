import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct MergeOperatorTests {
  @Test func merge_emits_the_elements_of_all_pipelines_each_in_order() async throws {
    let merged = Pipeline(0..<1_000).merge(
      with: Pipeline(1_000..<1_500).mapAsync(width: 3) { $0 }, Pipeline(1_500..<1_501), Pipeline(1_501..<1_501))
    let elements = try await merged.collect()
    #expect(elements.filter { $0 < 1_000 } == Array(0..<1_000))
    #expect(elements.filter { 1_000..<1_500 ~= $0 } == Array(1_000..<1_500))
    #expect(elements.count == 1_501)
    let report = try await merged.map { $0 }.forEach { _ in }
    expectAccounted(report)
    #expect(report.stages.map(\.name) == ["source", "source", "mapAsync", "source", "source", "merge", "forEach"])
    #expect(try report.stage("merge").input == 1_501)
    #expect(try report.stage("merge").operators == ["map"])
  }

  @Test func merge_of_nothing_is_empty() async throws {
    #expect(try await Pipeline<Int>(merging: []).collect().isEmpty)
  }

  @Test func pipeline_can_be_merged_with_itself() async throws {
    let pipeline = Pipeline(0..<100).mapAsync(width: 2) { $0 }
    #expect(try await pipeline.merge(with: pipeline).collect().sorted() == (0..<200).map { $0 / 2 })
  }

  @Test func merge_emits_elements_without_waiting_for_others() async throws {
    let (left, right, seen) = (Channel<Int>(), Channel<Int>(), Channel<Int>())
    let running = Task { try await Pipeline(left).merge(with: Pipeline(right)).forEach { await seen.send($0) } }
    await right.send(1)
    #expect(await seen.next() == 1)
    right.finish()
    await left.send(2)
    #expect(await seen.next() == 2)
    left.finish()
    expectAccounted(try await running.value)
  }

  @Test func merge_holds_no_elements() async throws {
    // One element is in progress, and one waits in each source.
    try await expectAsked(3) { $0.merge(with: $0) }
  }

  @Test func failure_of_one_pipeline_ends_all() async throws {
    let report = await Pipeline(0...).merge(
      with: Pipeline(Channel<Int>()), Pipeline(0...).map { if $0 == 100 { throw Failure(element: $0) } else { $0 } }
    ).reportOfRun()
    #expect(report.failed == 1)
    expectAccounted(report)
  }

  @Test func first_policy_applies_to_all_pipelines() async throws {
    let failing = Pipeline(0..<100).map { if $0 % 2 == 0 { throw Failure(element: $0) } else { $0 } }
    let report = try await failing.merge(with: failing.onFailure(.skip), failing.onFailure(.collect(limit: 3)))
      .forEach { _ in }
    #expect(report.skipped == 150)
    expectAccounted(report)
  }

  @Test func prefix_of_one_pipeline_does_not_end_the_others() async throws {
    let elements = try await Pipeline(1_000...).prefix(3).merge(with: Pipeline(0..<1_000)).collect()
    #expect(elements.sorted() == Array(0..<1_003))
  }

  @Test func prefix_of_a_merge_ends_infinite_pipelines() async throws {
    let report = try await Pipeline(0...).merge(with: Pipeline(Channel<Int>()), Pipeline(0...)).prefix(500).forEach {
      _ in
    }
    #expect(report.stages.last?.output == 500)
    expectAccounted(report)
  }
}
