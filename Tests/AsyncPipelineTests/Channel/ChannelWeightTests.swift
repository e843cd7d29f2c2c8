import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ChannelWeightTests {
  private static func bytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }

  @Test func channel_holds_at_most_its_budget() async {
    let channel = Channel<[UInt8]>(budget: 10, weight: \.count)
    #expect(channel.trySend(Self.bytes(4)) == .sent)
    #expect(channel.trySend(Self.bytes(6)) == .sent)
    #expect(channel.trySend(Self.bytes(1)) == .full(Self.bytes(1)))
    #expect(channel.tryReceive()?.count == 4)
    #expect(channel.trySend(Self.bytes(5)) == .full(Self.bytes(5)))
    #expect(channel.trySend(Self.bytes(4)) == .sent)
    #expect(channel.tryReceive(upTo: 9).map(\.count) == [6, 4])
  }

  @Test func send_of_an_element_heavier_than_the_budget_returns_when_it_is_taken() async {
    let channel = Channel<Int>(budget: 10) { $0 }
    let executor = QueueExecutor()
    let sent = Log<Int>()
    await channel.send(3).expectSent()
    let tasks = [
      await executor.suspendedTask {
        await channel.send(11).expectSent()
        sent.append(11)
      },
      await executor.suspendedTask {
        await channel.send(4).expectSent()
        sent.append(4)
      },
    ]
    // The second element would fit, but waits behind the first.
    #expect(sent.entries == [])
    #expect(channel.tryReceive() == 3)
    await executor.idle()
    #expect(sent.entries == [])
    #expect(channel.tryReceive() == 11)
    for task in tasks { await task.value }
    #expect(sent.entries == [11, 4])
    #expect(channel.tryReceive() == 4)
  }

  @Test func cancelling_a_heavy_element_admits_the_elements_behind_it() async {
    let channel = Channel<Int>(budget: 10) { $0 }
    let executor = QueueExecutor()
    let heavy = await executor.suspendedTask { await channel.send(11) }
    let others = [
      await executor.suspendedTask { await channel.send(4) },
      await executor.suspendedTask { await channel.send(6) },
      await executor.suspendedTask { await channel.send(1) },
    ]
    heavy.cancel()
    await heavy.value.expectCancelled(11)
    await others[0].value.expectSent()
    await others[1].value.expectSent()
    #expect(channel.trySend(1) == .full(1))
    #expect(channel.tryReceive(upTo: 9) == [4, 6, 1])
    await others[2].value.expectSent()
  }

  @Test func batch_is_accepted_as_far_as_it_fits() async {
    let channel = Channel<Int>(budget: 10) { $0 }
    let producer = await QueueExecutor().suspendedTask { await channel.send(contentsOf: [5, 4, 3, 2]) }
    producer.cancel()
    await producer.value.expectCancelled([3, 2])
    #expect(channel.tryReceive(upTo: 9) == [5, 4])
  }

  @Test func batch_whose_total_weight_overflows_waits() async {
    let channel = Channel<Int>(budget: .max) { $0 }
    let producer = await QueueExecutor().suspendedTask { await channel.send(contentsOf: [.max, .max, 1]) }
    #expect(await channel.next() == .max)
    #expect(await channel.receive(upTo: 3) == [.max, 1])
    await producer.value.expectSent()
  }

  @Test func element_that_weighs_nothing_counts() async {
    let channel = Channel<String>(budget: 2, weight: \.utf8.count)
    #expect(channel.trySend("") == .sent)
    #expect(channel.trySend("") == .sent)
    #expect(channel.trySend("") == .full(""))
  }

  @Test func element_is_weighed_once() async {
    let weighed = Counter()
    let channel = Channel<Int>(budget: 4) { element in
      weighed.add()
      return element
    }
    let producer = await QueueExecutor().suspendedTask {
      await channel.send(3)
      await channel.send(contentsOf: [2, 5])
    }
    #expect(await channel.receive(upTo: 3) == [3, 2, 5])
    await producer.value
    #expect(weighed.value == 3)
  }

  @Test func channel_without_a_budget_is_a_rendezvous() async {
    let channel = Channel<Int>(budget: 0) { $0 }
    #expect(channel.trySend(1) == .full(1))
    let consumer = await QueueExecutor().suspendedTask { await channel.next() }
    #expect(channel.trySend(1) == .sent)
    #expect(await consumer.value == 1)
  }
}
