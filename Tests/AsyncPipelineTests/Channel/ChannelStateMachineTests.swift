import Testing

@testable import AsyncPipeline

/// All orders in which tasks can arrive, be cancelled, and find the channel finished or failed. The orders include
/// those in which some tasks never arrive, so three tasks cover fewer.
@Suite(.timeLimit(.minutes(5)))
struct ChannelStateMachineTests {
  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_for_three_producers_and_three_consumers(capacity: Int) async throws {
    var settings: [ChannelExploration.Setting] = []
    for batches in Self.mixtures {
      for limits in Self.mixtures {
        let roles = batches.map(Self.sends) + limits.map(ChannelModel.Role.receives)
        settings.append(.init(budget: capacity, roles: roles))
      }
    }
    #expect(try await explore(settings) > 2_000)
  }

  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_when_some_do_not_wait(capacity: Int) async throws {
    let settings = Self.mixtures.map { batches in
      let roles: [ChannelModel.Role] =
        batches.dropFirst().map(Self.sends) + [.triesToSend(weight: 1), .receives(limit: 1)]
        + [.triesToReceive(limit: 1), .triesToReceive(limit: 2)]
      return ChannelExploration.Setting(budget: capacity, roles: roles)
    }
    #expect(try await explore(settings) > 1_000)
  }

  @Test(arguments: 0...3)
  func machine_agrees_with_the_model_when_some_take_a_part_only(capacity: Int) async throws {
    let settings = Self.mixtures.map { batches in
      let roles =
        batches.map(Self.sends) + [.receives(limit: 1), .shares(limit: 1, parts: 3), .shares(limit: 3, parts: 2)]
      return ChannelExploration.Setting(budget: capacity, roles: roles)
    }
    #expect(try await explore(settings) > 1_000)
  }

  /// Some elements are heavier than the whole budget.
  @Test(arguments: 0...4)
  func machine_agrees_with_the_model_when_elements_have_weights(budget: Int) async throws {
    let producers: [[[Int]]] = [
      [[1], [2], [5]], [[2], [3], [1]], [[2, 5], [1], [1]], [[5, 1], [1, 2], [2]],
    ]
    let settings = producers.flatMap { weights in
      [[1, 2], [3]].map { limits in
        let roles = weights.map(ChannelModel.Role.sends) + limits.map(ChannelModel.Role.receives)
        return ChannelExploration.Setting(budget: budget, isWeighted: true, roles: roles + [.triesToSend(weight: 2)])
      }
    }
    #expect(try await explore(settings) > 2_000)
  }

  /// For three tasks, the number of elements of each.
  private static let mixtures = [[1, 1, 1], [1, 1, 2], [1, 2, 2], [2, 2, 2]]

  private static func sends(_ count: Int) -> ChannelModel.Role {
    .sends(Array(repeating: 1, count: count))
  }

  /// - Returns: the number of states.
  private func explore(_ settings: [ChannelExploration.Setting]) async throws -> Int {
    try await Continuations.with(count: 6) { continuations in
      try settings.reduce(0) { states, setting in
        var exploration = ChannelExploration(setting, continuations: continuations)
        return try states + exploration.run()
      }
    }
  }
}
