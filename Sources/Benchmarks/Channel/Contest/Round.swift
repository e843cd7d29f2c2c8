import Glibc

/// The tasks of a round, and the executor that they run on.
struct Round: Sendable {
  let producers: Int
  let consumers: Int
  /// Where all tasks run; nil is the global pool.
  let executor: (any TaskExecutor)?

  /// Nanoseconds for each number.
  struct Cost {
    let time: Double
    /// Of all processors together. It does not grow when other programs are busy.
    let processorTime: Double
  }

  /// - Parameter count: how many numbers cross, in all; a multiple of the number of producers.
  func run(_ contestant: Contestant, count: Int) async -> Cost {
    let share = count / producers
    let ends = contestant.make()
    let start = ContinuousClock.now
    let processorStart = Self.processorTime
    let sum = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<consumers { group.addTask(executorPreference: executor) { await ends.consume() } }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<producers { group.addTask(executorPreference: executor) { await ends.produce(share) } }
      }
      ends.finish()
      return await group.reduce(0, +)
    }
    let processorTime = Self.processorTime - processorStart
    let time = (ContinuousClock.now - start) / .nanoseconds(1)
    precondition(sum == producers * (share * (share - 1) / 2), "\(contestant.name) lost a number")
    return Cost(time: time / Double(count), processorTime: processorTime / Double(count))
  }

  /// What the process has used until now: clock_gettime(2).
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
}
