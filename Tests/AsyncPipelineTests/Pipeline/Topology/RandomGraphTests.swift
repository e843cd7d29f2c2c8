import Testing

@testable import AsyncPipeline

/// Pipelines in which any operator may precede any other. However a run ends, all elements are accounted for.
@Suite(.timeLimit(.minutes(10)))
struct RandomGraphTests {
  @Test(arguments: seeds(of: 480))
  func run_to_its_end_accounts_for_all_elements(seed: Int) async {
    let graph = RandomGraph(seed: seed)
    let report = await graph.pipeline.reportOfRun()
    expectAccounted(report)
  }

  @Test(arguments: seeds(of: 480))
  func cancelled_run_accounts_for_all_elements(seed: Int) async {
    let graph = RandomGraph(seed: seed)
    let limit = (seed * 37) % 700
    let (seen, gate) = (Counter(), Gate())
    let run = graph.pipeline.prepareForEach { _ in if seen.add() == limit { gate.open() } }
    let running = Task {
      _ = try? await run()
      gate.open()
    }
    // A limit of 0 cancels at once.
    if limit > 0 { await gate.wait() }
    running.cancel()
    await running.value
    expectAccounted(run.run.report)
  }

  @Test(arguments: seeds(of: 320))
  func drained_run_accounts_for_all_elements(seed: Int) async {
    let graph = RandomGraph(seed: seed)
    let limit = (seed * 37) % 700
    let (seen, gate) = (Counter(), Gate())
    let run = graph.pipeline.prepareForEach { _ in if seen.add() == limit { gate.open() } }
    async let draining: Void = {
      if limit > 0 { await gate.wait() }
      run.run.drain()
    }()
    _ = try? await run()
    gate.open()
    await draining
    expectAccounted(run.run.report)
  }

  @Test(arguments: seeds(of: 200))
  func run_whose_sink_fails_accounts_for_all_elements(seed: Int) async {
    let seen = Counter()
    let report = await RandomGraph(seed: seed).pipeline.reportOfRun { element in
      if seen.add() == 1 + seed * 10 % 500 { throw Failure(element: element) }
    }
    expectAccounted(report)
  }
}
