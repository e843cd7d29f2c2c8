import Testing

@testable import AsyncPipeline

/// However a run ends, each stage accounts for every element that came to it.
@Suite(.timeLimit(.minutes(5)))
struct AccountingTests {
  @Test(arguments: 0..<10)
  func runs_of_all_kinds_account_for_every_element(block: Int) async {
    for seed in seeds(inBlock: block, of: 40) {
      let kind = AccountedRun(seed: seed)
      let run = kind.pipeline().prepareForEach { _ in }
      let result = await outcome(of: run)
      let report = run.run.report
      report.expectIdentity("seed \(seed)")
      let failed = kind.routed.count + report.failures.count
      switch result {
      case .success:
        #expect(report.failed == failed, "seed \(seed)")
      case .failure(let error):
        #expect((error as? PipelineFailure)?.cause is Failure, "seed \(seed)")
        #expect(report.failed > 0, "seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<10)
  func runs_that_are_cancelled_at_any_moment_account_for_every_element(block: Int) async {
    for seed in seeds(inBlock: block, of: 40) {
      let kind = AccountedRun(seed: seed)
      let run = kind.pipeline(seed % 2 == 0 ? .skip : kind.routing, endless: true).prepareForEach { _ in }
      let running = Task { await outcome(of: run) }
      for _ in 0..<(seed &* 37) % 301 { await Task.yield() }
      running.cancel()
      if case .failure(let error) = await running.value { #expect(error is CancellationError, "seed \(seed)") }
      run.run.report.expectIdentity("seed \(seed)")
    }
  }

  @Test(arguments: 0..<5)
  func runs_whose_sink_fails_account_for_every_element(block: Int) async {
    for seed in seeds(inBlock: block, of: 40) {
      let seen = Counter()
      let run = AccountedRun(seed: seed).pipeline(.skip).prepareForEach { element in
        await yieldAtRandom(seed, element)
        if seen.add() == 1 + seed % 120 { throw Failure(element: element) }
      }
      let result = await outcome(of: run)
      let report = run.run.report
      report.expectIdentity("seed \(seed)")
      if case .failure(let error) = result {
        #expect((error as? PipelineFailure)?.stage == "forEach", "seed \(seed)")
        #expect(report.stages.last?.output == seen.value - 1 && report.stages.last?.failed == 1, "seed \(seed)")
      } else {
        #expect(report.stages.last?.output == seen.value, "seed \(seed)")
      }
    }
  }

  @Test func sinks_without_a_task_account_for_every_element() async {
    for seed in 0..<100 {
      let run = AccountedRun(seed: seed).pipeline().prepareCollect()
      let result = await outcome(of: run)
      let report = run.run.report
      report.expectIdentity("seed \(seed)")
      if case .success(let elements) = result { #expect(report.stages.last?.output == elements.count, "seed \(seed)") }
    }
  }

  /// The numbers can be told beforehand where one task does all.
  @Test func each_way_to_end_has_its_number() async throws {
    let report = try await Pipeline(0..<1_000)
      .map { if $0 % 10 == 0 { throw Failure(element: $0) } else { $0 } }  // 100 fail
      .filter { $0 % 10 != 1 }  // 100 are filtered
      .flatMap { [Int](repeating: $0, count: $0 % 10 == 2 ? 3 : 1) }  // 100 become 300
      .mapAsync(width: 3) { if $0 % 10 == 3 { throw Failure(element: $0) } else { $0 } }  // 100 fail
      .filter { $0 > 7 }  // 7 are dropped: 2 three times, 4, 5, 6, 7
      .onFailure(.skip)
      .forEach { _ in }
    report.expectIdentity("")
    #expect(report.stages.map(\.input) == [1_000, 1_000, 893])
    #expect(report.stages.map(\.output) == [1_000, 893, 893])
    #expect(report.stages.map(\.skipped) == [100, 100, 0])
    #expect(report.stages.map(\.filtered) == [100, 7, 0])
    #expect(report.stages.map(\.expanded) == [200, 0, 0])
    #expect(report.stages.map(\.cancelled) == [0, 0, 0])
    #expect(report.stages.map(\.attempts) == [0, 1_000, 893])
    #expect(report.stages.map(\.operators) == [["map", "filter", "flatMap"], ["filter"], []])
  }

  private func outcome<R>(of run: PreparedRun<R>) async -> Result<R, any Error> {
    do { return .success(try await run()) } catch { return .failure(error) }
  }
}
