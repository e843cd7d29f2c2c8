import AsyncPipeline
import Testing

/// Many concurrent producers and consumers: each element is received exactly once.
@Suite(.timeLimit(.minutes(5)))
struct ChannelLoadTests {
  private static let producers = 8
  private static let consumers = 8
  private static let perProducer = 2_500

  @Test(arguments: [0, 1, 16])
  func elements_arrive_exactly_once_when_sent_one_by_one(capacity: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let received = await received(from: channel) { first in
      for element in first..<first + Self.perProducer { await channel.send(element).expectSent() }
    } by: { list in
      while let element = await channel.next() { list.append(element) }
    }
    expectAll(received)
  }

  @Test(arguments: [0, 1, 16])
  func elements_arrive_exactly_once_when_sent_in_batches(capacity: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let received = await received(from: channel) { first in
      for start in stride(from: 0, to: Self.perProducer, by: 50) {
        await channel.send(contentsOf: Array(first + start..<first + start + 50)).expectSent()
      }
    } by: { list in
      while true {
        let batch = await channel.receive(upTo: 20)
        if batch.isEmpty { return }
        if batch.count > 20 { Issue.record("\(batch.count) elements exceed the limit") }
        list += batch
      }
    }
    expectAll(received)
  }

  /// Each consumer receives the elements of one producer in order.
  private func expectAll(_ received: [[Int]]) {
    #expect(received.joined().sorted() == Array(0..<Self.producers * Self.perProducer))
    for list in received {
      let byProducer = Dictionary(grouping: list) { $0 / Self.perProducer }
      for elements in byProducer.values where elements != elements.sorted() {
        Issue.record("a consumer receives a producer's elements out of order")
      }
    }
  }

  /// - Returns: the elements that each consumer has received.
  private func received(
    from channel: Channel<Int>, _ send: @escaping @Sendable (Int) async -> Void,
    by receive: @escaping @Sendable (inout [Int]) async -> Void
  ) async -> [[Int]] {
    await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<Self.consumers {
        group.addTask {
          var list: [Int] = []
          await receive(&list)
          return list
        }
      }
      await withTaskGroup(of: Void.self) { group in
        for producer in 0..<Self.producers { group.addTask { await send(producer * Self.perProducer) } }
      }
      channel.finish()
      return await group.reduce(into: []) { $0.append($1) }
    }
  }
}
