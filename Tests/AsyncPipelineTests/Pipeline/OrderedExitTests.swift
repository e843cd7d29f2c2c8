import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(1)), .serialized)
struct OrderedExitTests {
  @Test(arguments: [1, 2, 3, 8, 64])
  func elements_leave_in_the_order_in_which_they_came(window: Int) async throws {
    for seed in 0..<10 {
      let run = ExitRun(window: window, producers: 1, workers: 8, elements: 2_000, seed: seed)
      try await run.go()
      let left = run.left.entries
      #expect(left == Array(0..<2_000), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func elements_of_several_producers_leave_by_number_and_within_the_window(window: Int) async throws {
    for seed in 0..<10 {
      let run = ExitRun(window: window, producers: 3, workers: 4, elements: 500, seed: seed)
      try await run.go()
      #expect(run.left.entries == Array(0..<1_500), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }
}
