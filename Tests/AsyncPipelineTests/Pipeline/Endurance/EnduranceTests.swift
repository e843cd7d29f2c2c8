import Foundation
import Testing

@testable import AsyncPipeline

/// Long runs of which a tenth fails, and many that are cancelled somewhere: every element is accounted for, and none
/// hangs.
@Suite(.timeLimit(.minutes(60)))
struct EnduranceTests {
  typealias Policy = EnduranceRun.Policy

  /// With `MILLRACE_TEST_ENDURANCE=1` each of the thousand runs has a million elements. It is meant for a build with
  /// `-c release -Xswiftc -enable-testing`: an element takes some fifty times as long in one for debugging.
  private static let isFull = ProcessInfo.processInfo.environment["MILLRACE_TEST_ENDURANCE"] == "1"
  private static let million = 1_000_000
  /// What a run takes at the most, on a machine that does other things too.
  private static let patience = Duration.seconds(600)

  @Test(arguments: Policy.allCases)
  func long_run_accounts_for_every_element(policy: Policy) async {
    for seed in seeds(of: 8) {
      let count = Self.isFull ? Self.million : 10_000
      await check(EnduranceRun(seed: seed, count: count, policy: policy, isCancelled: false))
    }
  }

  @Test(arguments: Policy.allCases, 0..<10)
  func runs_that_are_cancelled_anywhere_account_for_every_element(policy: Policy, block: Int) async {
    for seed in seeds(inBlock: block, of: 25) {
      var generator = SeededGenerator(seed: seed)
      let count = Self.isFull ? Self.million : Int.random(in: 0...1_000, using: &generator)
      await check(EnduranceRun(seed: seed, count: count, policy: policy, isCancelled: seed % 5 != 0))
    }
  }

  private func check(_ run: EnduranceRun) async {
    let comment: Comment = "seed \(run.seed), \(run.policy), \(run.count) elements"
    let prepared = run.prepare()
    let outcome = await outcome(of: prepared, run, comment)
    let report = prepared.run.report
    report.expectIdentity(comment)
    let lost = report.stages.reduce(0) { $0 + $1.failed + $1.skipped + $1.cancelled }
    let (drawn, done) = (report.stages[0].input, report.stages.last!.output)
    #expect(drawn == done + lost, comment)

    #expect(run.arrivals.countOnce { !run.fails($0) } == done, comment)
    let routed = run.routed.countOnce { run.fails($0) }
    #expect(routed != nil, comment)

    let failing = (0..<run.count).count(where: run.fails)
    switch outcome {
    case .success:
      #expect(report.failed + report.skipped == failing && done == run.count - failing, comment)
      #expect(report.skipped == (run.policy == .skip ? failing : 0), comment)
      #expect(report.failures.count == (run.policy == .collect ? failing : 0), comment)
      #expect(routed == (run.policy == .route ? failing : 0), comment)
    case .failure(let failure as PipelineFailure):
      #expect(run.policy == .failFast && failure.cause is Failure && report.failed > 0, comment)
    case .failure(let error):
      #expect(error is CancellationError && run.end != nil, comment)
    }
  }

  /// Runs it, cancels it when it is time, and says so if it takes too long.
  private func outcome(
    of prepared: PreparedRun<Void>, _ run: EnduranceRun, _ comment: Comment
  ) async -> Result<Void, any Error> {
    let running = Task { () -> Result<Void, any Error> in
      defer { run.end?.runHasEnded() }
      do { return .success(try await prepared()) } catch { return .failure(error) }
    }
    let watching = Task {
      try await Task.sleep(for: Self.patience)
      Issue.record("it hangs, or is very slow: \(comment)")
    }
    if let end = run.end {
      await end.wait()
      running.cancel()
    }
    let outcome = await running.value
    watching.cancel()
    return outcome
  }
}
