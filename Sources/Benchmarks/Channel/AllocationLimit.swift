import AsyncPipeline
import CMallocCount
import IOUring

/// How often a contestant may allocate for an element, in the steady state.
struct AllocationLimit {
  private static let elements = 20_000

  let contestant: Contestant
  /// Of each kind.
  let tasks: Int
  let most: Double

  var title: String { "\(contestant.name), \(tasks) to \(tasks)" }

  static let all = [
    // Whatever happens to a single element, nothing is allocated for it.
    AllocationLimit(contestant: .channel(capacity: 256), tasks: 1, most: 0.01),
    AllocationLimit(contestant: .channel(budget: 256), tasks: 1, most: 0.01),
    AllocationLimit(contestant: .channel(capacity: 1), tasks: 1, most: 0.01),
    AllocationLimit(contestant: .channel(capacity: 0), tasks: 1, most: 0.01),
    AllocationLimit(contestant: .channel(capacity: 256), tasks: 8, most: 0.01),
    AllocationLimit(contestant: .channel(capacity: 0), tasks: 8, most: 0.01),
    // An array from the producer, one for the consumer, and one while the producer waits with it.
    AllocationLimit(contestant: .channel(capacity: 256, batch: 64), tasks: 1, most: 3.5 / 64),
    // What the producer made the consumer changes, and need not copy it.
    AllocationLimit(contestant: .arrays(capacity: 256), tasks: 1, most: 1.01),
    AllocationLimit(contestant: .arrays(capacity: 1), tasks: 1, most: 1.01),
    AllocationLimit(contestant: .arrays(capacity: 0), tasks: 1, most: 1.01),
  ]

  /// - Returns: allocations for an element. The tasks and queues are made before, in a round that is not counted, and
  ///   are few beside the elements.
  func count(on loop: RingLoop) async -> Double {
    let round = Round(producers: tasks, consumers: tasks, executor: loop)
    let allocations = await Task(executorPreference: loop) {
      _ = await round.run(contestant, count: Self.elements)
      let before = malloc_count()
      _ = await round.run(contestant, count: Self.elements)
      return malloc_count() - before
    }.value
    return Double(allocations) / Double(Self.elements)
  }
}

extension Contestant {
  /// Carries the numbers in arrays, which their consumers change.
  fileprivate static func arrays(capacity: Int) -> Contestant {
    Contestant(name: "Channel of arrays, \(capacity)") {
      let channel = Channel<[Int]>(capacity: capacity)
      return Ends(
        produce: { count in for number in 0..<count { await channel.send([number]) } },
        finish: { channel.finish() },
        consume: {
          var sum = 0
          for await var array in channel {
            array[0] += 1
            sum += array[0] - 1
          }
          return sum
        })
    }
  }
}
