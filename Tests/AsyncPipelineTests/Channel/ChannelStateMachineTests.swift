import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ChannelStateMachineTests {
  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_in_every_interleaving(capacity: Int) async throws {
    let states = try await explore(capacity: capacity, consumers: Self.mixtures)
    #expect(states > 10_000)
  }

  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_when_consumers_poll(capacity: Int) async throws {
    let states = try await explore(
      capacity: capacity, consumers: [[], [1], [2]], others: [.polls(limit: 1), .polls(limit: 2)])
    #expect(states > 1_000)
  }

  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_when_consumers_leave_something_for_others(capacity: Int) async throws {
    let states = try await explore(
      capacity: capacity, consumers: [[], [1], [2]], others: [.shares(limit: 1, parts: 3), .shares(limit: 3, parts: 2)])
    #expect(states > 1_000)
  }

  /// Up to three tasks, each with one element or two.
  private static let mixtures = [
    [], [1], [2], [1, 1], [1, 2], [2, 2], [1, 1, 1], [1, 1, 2], [1, 2, 2], [2, 2, 2],
  ]

  private func explore(capacity: Int, consumers: [[Int]], others: [ChannelModel.Role] = []) async throws -> Int {
    try await Continuations.with(count: 6) { continuations in
      var states = 0
      for batches in Self.mixtures {
        for limits in consumers {
          let roles: [ChannelModel.Role] =
            batches.map { .sends(count: $0) } + limits.map { .receives(limit: $0) } + others
          var exploration = ChannelExploration(capacity: capacity, roles: roles, continuations: continuations)
          states += try exploration.run()
        }
      }
      return states
    }
  }
}
