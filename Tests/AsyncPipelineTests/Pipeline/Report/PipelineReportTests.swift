import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PipelineReportTests {
  @Test func report_of_an_empty_run_counts_nothing() async throws {
    let report = try await Pipeline([Int]()).mapAsync(width: 2) { $0 }.forEach { _ in }
    #expect(report.stages.map(\.name) == ["source", "mapAsync", "forEach"])
    #expect(report.stages.allSatisfy { $0.input == 0 && $0.output == 0 && $0.failed == 0 })
    #expect(report.failed == 0)
  }

  @Test(arguments: [OutputOrder<Int>.input(window: 5), .input, .completion])
  func input_of_a_stage_is_output_or_failed(order: OutputOrder<Int>) async throws {
    let report = try await Pipeline(0..<1_000)
      .map { if $0 % 100 == 0 { throw Failure(element: $0) } else { $0 } }
      .mapAsync(width: 3, order: order) { if $0 % 10 == 1 { throw Failure(element: $0) } else { $0 } }
      .map { if $0 % 10 == 2 { throw Failure(element: $0) } else { $0 } }
      .mapAsync(width: 2, order: order) { $0 }
      .onFailure(.skip)
      .forEach { _ in }
    let stages = report.stages
    #expect(stages.map(\.name) == ["source", "mapAsync", "mapAsync", "forEach"])
    #expect(stages.map(\.input) == [1_000, 990, 790, 790])
    #expect(stages.map(\.output) == [990, 790, 790, 790])
    // A fused operator's failures are counted at the stage that runs it.
    #expect(stages.map(\.skipped) == [10, 200, 0, 0])
    #expect(report.skipped == 210)
    #expect(stages[1].input == stages[1].output + stages[1].skipped)
  }

  @Test func elements_that_a_filter_drops_are_not_output_of_its_stage() async throws {
    let report = try await Pipeline(0..<100).mapAsync(width: 2) { $0 }.filter { $0 < 30 }.forEach { _ in }
    #expect(report.stages.map(\.input) == [100, 100, 30])
    #expect(report.stages.map(\.output) == [100, 30, 30])
    #expect(report.stages.map(\.filtered) == [0, 70, 0])
    #expect(report.failed == 0)
  }

  @Test func bytes_are_counted_at_the_stage_that_weighs_the_elements() async throws {
    let report = try await Pipeline(0..<1_000)
      .buffer(bytes: 1_000) { $0 }.filter { $0 < 100 }
      .throttle(RateLimit(perSecond: 1_000_000_000)) { _ in 5 }
      .forEach { _ in }
    #expect(report.stages.map(\.bytes) == [0, 499_500, 500, 0])
  }

  @Test func each_run_counts_from_zero() async throws {
    let pipeline = Pipeline(0..<100).mapAsync(width: 2) { $0 }
    let first = try await pipeline.forEach { _ in }
    #expect(first.stages.map(\.input) == [100, 100, 100])
    let second = try await pipeline.forEach { _ in }
    #expect(second.stages.map(\.input) == [100, 100, 100])
  }
}
