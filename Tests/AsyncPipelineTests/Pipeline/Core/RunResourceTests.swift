import Synchronization
import Testing

@testable import AsyncPipeline

/// What the stages of a run share.
@Suite(.timeLimit(.minutes(5)))
struct RunResourceTests {
  final class Shared: RunResource {
    let log: Log<String>
    init(_ log: Log<String>) {
      self.log = log
      log.append("made")
    }
    func close(_ meter: StageMeter) async {
      meter.count("closed", 1)
      log.append("closed")
    }
  }

  private let log = Log<String>()

  /// Elements whose stage shares what the source has made.
  private func pipeline() -> Pipeline<Int> {
    Pipeline(sharing: { [log] in Shared(log) }) { _ in Pipeline(0..<10) }
      .mapAsync(
        "work", sharing: { [log] in Shared(log) }, outputsWaiting: nil,
        setUp: { _ in SharedStageSetup(executors: [QueueExecutor(), QueueExecutor()], window: 4) },
        open: { shared, _, meter in
          meter.add(bytes: 1)
          return shared
        }
      ) { shared, element in
        shared.log.append("\(element)")
        if element == 7 { throw Failure(element: 7) }
        return element
      }
  }

  @Test func is_made_for_each_run_and_closed_behind_its_last_task() async throws {
    for run in 1...2 {
      let report = try await pipeline().onFailure(.skip).forEach { _ in }
      #expect(log.entries.filter { $0 == "made" }.count == run)
      #expect(log.entries.filter { $0 == "closed" }.count == run)
      #expect(log.entries.last == "closed")
      #expect(report.stages.map(\.name) == ["source", "work", "forEach"])
      // Of the first stage over it.
      #expect(report.stages.map { $0.metrics["closed"] } == [1, nil, nil])
      #expect(report.stages[1].bytes > 0 && report.stages[1].skipped == 1)
    }
  }

  @Test func is_closed_when_the_run_fails() async throws {
    await #expect(throws: PipelineFailure.self) { try await pipeline().collect() }
    #expect(log.entries.last == "closed")
  }

  @Test func is_made_by_the_first_stage_that_needs_it_where_no_source_has() async throws {
    let pipeline = Pipeline(0..<3).mapAsync(
      "work", sharing: { [log] in Shared(log) }, outputsWaiting: nil,
      setUp: { _ in SharedStageSetup(executors: [QueueExecutor()], window: nil) }, open: { shared, _, _ in shared }
    ) { $1 }
    let report = try await pipeline.forEach { _ in }
    #expect(log.entries == ["made", "closed"])
    #expect(report.stages.map { $0.metrics["closed"] } == [nil, 1, nil])
  }

  @Test func a_stage_that_cannot_be_set_up_ends_the_run_whatever_the_policy() async throws {
    let pipeline = Pipeline(0..<3).mapAsync(
      "work", sharing: { [log] in Shared(log) }, outputsWaiting: nil,
      setUp: { _ -> SharedStageSetup<Void> in throw Failure(element: 1) },
      open: { shared, _, _ in shared }
    ) { $1 }
    let failure = await #expect(throws: PipelineFailure.self) { try await pipeline.onFailure(.skip).collect() }
    #expect(failure?.cause as? Failure == Failure(element: 1))
    #expect(log.entries == ["made", "closed"])
  }

  @Test func a_failure_can_end_the_run_whatever_the_policy() async throws {
    let pipeline = Pipeline(0..<3).map { (number: Int) throws -> Int in
      if number == 1 { throw RunEndingFailure(Failure(element: 1)) }
      return number
    }
    for policy in [FailurePolicy.skip, .collect(limit: 9), .route { _ in }] {
      let failure = await #expect(throws: PipelineFailure.self) { try await pipeline.onFailure(policy).collect() }
      #expect(failure?.cause as? Failure == Failure(element: 1))
    }
  }
}
