import AsyncPipeline
import Testing

/// Half of the operations are cancelled at random moments. No element is lost or duplicated.
@Suite(.timeLimit(.minutes(5)))
struct CancelStormTests {
  private static let operations = 150

  @Test(arguments: [0, 1, 16], [1, 2, 3, 4])
  func every_element_is_received_or_returned_when_producers_wait(capacity: Int, seed: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let returned = await storm(channel, producers: 6, consumers: 2, seed: seed)
    #expect(returned > 0, "seed \(seed): no send was cancelled")
  }

  @Test(arguments: [0, 1, 16], [1, 2, 3, 4])
  func every_element_is_received_or_returned_when_consumers_wait(capacity: Int, seed: Int) async {
    await storm(Channel<Int>(capacity: capacity), producers: 2, consumers: 6, seed: seed)
  }

  /// Some elements are heavier than the budget.
  @Test(arguments: [0, 3, 16], [1, 2, 3, 4])
  func every_element_is_received_or_returned_when_elements_have_weights(budget: Int, seed: Int) async {
    let channel = Channel<Int>(budget: budget) { 1 + $0 % 5 }
    let returned = await storm(channel, producers: 6, consumers: 2, seed: seed)
    #expect(returned > 0, "seed \(seed): no send was cancelled")
  }

  @Test(arguments: [0, 1, 16], [1, 2, 3, 4])
  func every_element_is_received_or_returned_when_the_channel_ends_in_between(capacity: Int, seed: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let returned = await storm(channel, producers: 6, consumers: 2, seed: seed, endsAfter: seed * 100)
    #expect(returned > 0, "seed \(seed): no send was cancelled")
  }

  /// - Parameter endsAfter: the channel is finished when this many elements have been received, or when the producers
  ///   have ended.
  /// - Returns: the number of elements that were returned to producers.
  @discardableResult
  private func storm(
    _ channel: Channel<Int>, producers: Int, consumers: Int, seed: Int, endsAfter: Int = .max
  ) async -> Int {
    let (received, returned) = (Log<Int>(), Log<Int>())
    let over = Counter()
    await withTaskGroup(of: Void.self) { group in
      for consumer in 0..<consumers {
        group.addTask {
          var generator = SeededGenerator(seed: seed &* 100 &+ 50 &+ consumer)
          while over.value == 0 {
            let limit = Int.random(in: 1...3, using: &generator)
            received.append(
              contentsOf: await perhapsCancelled(&generator) {
                limit == 1 ? await channel.next().map { [$0] } ?? [] : await channel.receive(upTo: limit)
              })
            if received.count >= endsAfter { channel.finish() }
          }
        }
      }
      await withTaskGroup(of: Void.self) { group in
        for producer in 0..<producers {
          group.addTask {
            var generator = SeededGenerator(seed: seed &* 100 &+ producer)
            for operation in 0..<Self.operations {
              let first = (producer * Self.operations + operation) * 3
              returned.append(contentsOf: await send(first, to: channel, &generator))
            }
          }
        }
      }
      over.add()
      channel.finish()
    }
    received.append(contentsOf: channel.tryReceive(upTo: .max))
    let all = (received.entries + returned.entries).sorted()
    #expect(all == Array(0..<producers * Self.operations * 3), "seed \(seed)")
    return returned.count
  }

  /// Sends three elements, as a batch or one by one.
  ///
  /// - Returns: the elements that were not accepted.
  private func send(_ first: Int, to channel: Channel<Int>, _ generator: inout SeededGenerator) async -> [Int] {
    let elements = Array(first..<first + 3)
    if Bool.random(using: &generator) {
      let result = await perhapsCancelled(&generator) { await channel.send(contentsOf: elements) }
      return switch result {
      case .sent: []
      case .cancelled(let rest), .finished(let rest): rest
      }
    }
    var back: [Int] = []
    for element in elements {
      let result = await perhapsCancelled(&generator) { await channel.send(element) }
      switch result {
      case .sent: continue
      case .cancelled(let element), .finished(let element): back.append(element)
      }
    }
    return back
  }

  /// Runs the operation in a task of its own, which is cancelled soon with a probability of one half.
  private func perhapsCancelled<R: Sendable>(
    _ generator: inout SeededGenerator, _ operation: @escaping @Sendable () async -> R
  ) async -> R {
    let isCancelled = Bool.random(using: &generator)
    let delay = Int.random(in: 0...4, using: &generator)
    let task = Task { await operation() }
    if isCancelled {
      for _ in 0..<delay { await Task.yield() }
      task.cancel()
    }
    return await task.value
  }
}
