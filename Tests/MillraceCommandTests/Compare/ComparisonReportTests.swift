import FilePipeline
import Foundation
import Measurement
import Testing

@testable import MillraceCommand

@Suite struct ComparisonReportTests {
  /// - Parameter seconds: the times of the runs of each engine, in milliseconds.
  private func outcome(
    _ milliseconds: KeyValuePairs<FileEngineKind, [Int]>, failed: Int = 0, difference: ResultDifference? = nil
  ) -> Comparison.Outcome {
    let runs = milliseconds.flatMap { engine, times in
      times.enumerated().map { index, time in run(engine, round: index + 1, .milliseconds(time), failed: failed) }
    }
    return Comparison.Outcome(
      job: .hash, engines: milliseconds.map(\.key), coldMethod: nil, runs: runs, difference: difference)
  }

  private func verdict(_ outcome: Comparison.Outcome) -> String? {
    ComparisonReport(outcome).text.split(separator: "\n").last.map(String.init)
  }

  @Test func the_fastest_engine_won() {
    let verdict = verdict(outcome([.blocking: [900, 910], .threads: [400, 410], .uring: [100, 102]]))
    #expect(verdict == "Results identical on all engines. uring was fastest: 4.01 × as fast as threads.")
  }

  @Test func blocking_can_win() {
    let verdict = verdict(outcome([.blocking: [100], .uring: [300]]))
    #expect(verdict == "Results identical on all engines. blocking won: 3.00 × as fast as uring.")
  }

  @Test func overlapping_runs_are_too_close_to_call() {
    let verdict = verdict(outcome([.blocking: [100, 104, 109], .uring: [99, 103, 108]]))
    #expect(
      verdict
        == "Results identical on all engines. uring and blocking are too close to call: their runs overlap.")
  }

  @Test func one_engine_wins_nothing() {
    #expect(verdict(outcome([.threads: [100]])) == "Results identical on all engines.")
  }

  @Test func differing_results_come_first() {
    let difference = ResultDifference(location: .at(bytes("a")), engine: .uring, reference: .blocking)
    let verdict = verdict(outcome([.blocking: [300], .uring: [100]], difference: difference))
    #expect(verdict?.hasPrefix("RESULTS DIFFER. ") == true)
  }

  @Test func failures_are_results() {
    #expect(verdict(outcome([.threads: [1]], failed: 1)) == "Results identical on all engines, 1 failure included.")
    #expect(verdict(outcome([.threads: [1]], failed: 2)) == "Results identical on all engines, 2 failures included.")
  }

  @Test func the_table_has_a_row_for_each_engine() {
    let lines = ComparisonReport(outcome([.blocking: [200, 100, 900], .uring: [50, 40, 60]])).text
      .split(separator: "\n")
    #expect(lines[0] == "hash, 100 files, 2.00 MB, 3 runs each, warm")
    #expect(
      lines[3].split(separator: " ", omittingEmptySubsequences: true)
        == ["blocking", "0.200", "s", "0.100–0.900", "1.00", "0.500", "s", "500", "10.0", "1,000", "–"])
    #expect(
      lines[4].split(separator: " ", omittingEmptySubsequences: true)
        == ["uring", "0.050", "s", "0.040–0.060", "4.00", "0.500", "s", "2.00", "k", "40.0", "1,000", "0.250"])
  }

  @Test func json_has_runs_and_engines_and_a_summary() throws {
    let difference = ResultDifference(location: .missing(after: nil), engine: .uring, reference: .blocking)
    var output: [UInt8] = []
    try ComparisonReport(outcome([.blocking: [100], .uring: [50]], difference: difference)).appendJSON(to: &output)
    let objects = try jsonObjects(output)
    try #require(objects.compactMap { $0["type"] as? String } == ["run", "run", "engine", "engine", "summary"])
    #expect(objects[4]["identical"] as? Bool == false)
    #expect(objects[4]["fastest"] as? String == "uring")
    #expect(objects[3]["speedup"] as? Double == 2)
  }
}

/// The report of a job that writes.
@Suite struct WritingReportTests {
  private func outcome(_ job: CompareJob, treeDifference: TreeDifference? = nil) -> Comparison.Outcome {
    let runs = [FileEngineKind.blocking, .uring].map {
      run($0, round: 1, .milliseconds(100), deviceBytes: $0 == .uring ? 2_500_000 : nil)
    }
    return Comparison.Outcome(
      job: job, engines: [.blocking, .uring], coldMethod: nil, runs: runs, difference: nil, sync: .inside,
      treeDifference: treeDifference)
  }

  @Test func the_table_says_how_it_was_written() {
    let lines = ComparisonReport(outcome(.copy)).text.split(separator: "\n")
    #expect(lines[0] == "copy, 100 files, 2.00 MB, 1 run each, warm")
    #expect(
      lines[1] == "syncfs of the target's file system before each run; and at its end, inside of the timing")
    #expect(lines[2].hasSuffix("  enters/file  by chain  by calls  to device"))
    #expect(lines[4].split(separator: " ").suffix(4) == ["–", "–", "–", "–"])
    #expect(lines[5].split(separator: " ").suffix(5) == ["0.250", "90", "10", "2.50", "MB"])
  }

  @Test(arguments: [
    (CompareJob.copy, "Trees identical on all engines, and to the source. "),
    (.transform, "Trees identical on all engines. "),
  ])
  func trees_are_what_is_identical(job: CompareJob, verdict: String) {
    #expect(ComparisonReport(outcome(job)).text.split(separator: "\n").last?.hasPrefix(verdict) == true)
  }

  @Test func a_tree_that_differs_comes_first() throws {
    let difference = TreeDifference(
      path: bytes("a"), aspect: .size, tree: ComparedRun(engine: .uring, round: 1), reference: nil)
    let report = ComparisonReport(outcome(.copy, treeDifference: difference))
    #expect(report.text.split(separator: "\n").last?.hasPrefix("TREES DIFFER. ") == true)
    var output: [UInt8] = []
    try report.appendJSON(to: &output)
    let objects = try jsonObjects(output)
    #expect(objects.last?["identical"] as? Bool == false)
    #expect(objects.last?["sync"] as? String == "inside")
    #expect(objects[0]["filesWrittenByChain"] == nil && objects[0]["deviceBytes"] == nil)
    for object in [objects[1], objects[3]] {
      #expect(object["filesWrittenByChain"] as? Int == 90 && object["filesWrittenByCalls"] as? Int == 10)
      #expect(object["deviceBytes"] as? Int == 2_500_000)
    }
  }
}

@Suite struct EngineSummaryTests {
  @Test func medians_and_extremes() throws {
    let runs = [300, 100, 200].enumerated().map { run(.uring, round: $0 + 1, .milliseconds($1)) }
    let summary = EngineSummary(runs, baseline: .blocking, reference: try #require(Sample([0.8])))
    #expect(summary.engine == "uring")
    #expect(summary.baseline == "blocking")
    #expect((summary.wall, summary.wallMinimum, summary.wallMaximum) == (0.2, 0.1, 0.3))
    #expect(summary.speedup == 4)
    #expect(summary.filesPerSecond == 500)
    #expect(summary.megabytesPerSecond == 10)
    #expect(summary.entersPerFile == 0.25)
  }

  @Test func no_files_and_no_time() throws {
    let runs = [run(.uring, round: 1, .zero, files: 0)]
    let summary = EngineSummary(runs, baseline: .uring, reference: try #require(Sample([0])))
    #expect(summary.filesPerSecond == 0)
    #expect(summary.entersPerFile == 25)
    #expect(summary.speedup.isFinite)
  }
}
