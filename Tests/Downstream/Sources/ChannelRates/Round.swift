/// Who takes part, and where.
struct Round: Sendable {
  let producers: Int
  let consumers: Int
  /// Where all tasks run; nil is the global pool.
  let executor: (any TaskExecutor)?

  /// - Parameter count: how many numbers cross, in all; a multiple of the number of producers.
  /// - Returns: nanoseconds for each.
  func run(_ contestant: Contestant, count: Int) async -> Double {
    let share = count / producers
    let ends = contestant.make()
    let start = ContinuousClock.now
    let sum = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<consumers { group.addTask(executorPreference: executor) { await ends.consume() } }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<producers { group.addTask(executorPreference: executor) { await ends.produce(share) } }
      }
      ends.finish()
      return await group.reduce(0, +)
    }
    let duration = ContinuousClock.now - start
    precondition(sum == producers * (share * (share - 1) / 2), "\(contestant.name) lost a number")
    return duration / .nanoseconds(1) / Double(share * producers)
  }
}
