import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ChannelCancellationTests {
  @Test func cancelling_a_waiting_producer_returns_the_elements_that_were_not_accepted() async {
    let channel = Channel<Int>(capacity: 2)
    let producer = await QueueExecutor().suspendedTask { await channel.send(contentsOf: [0, 1, 2, 3]) }
    producer.cancel()
    await producer.value.expectCancelled([2, 3])
    #expect(channel.tryReceive(upTo: 9) == [0, 1])
  }

  @Test func cancelling_a_producer_makes_the_next_one_first() async {
    let channel = Channel<Int>(capacity: 0)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask { await channel.send(1) }
    let second = await executor.suspendedTask { await channel.send(2) }
    first.cancel()
    await first.value.expectCancelled(1)
    #expect(await channel.next() == 2)
    await second.value.expectSent()
  }

  @Test func cancelling_a_waiting_consumer_ends_it_without_an_element() async {
    let channel = Channel<Int>(capacity: 2)
    let executor = QueueExecutor()
    let receiving = await executor.suspendedTask { await channel.receive(upTo: 2) }
    let next = await executor.suspendedTask { await channel.next() }
    receiving.cancel()
    next.cancel()
    #expect(await receiving.value == [])
    #expect(await next.value == nil)
    // The cancelled consumers have taken no element.
    await channel.send(1).expectSent()
    #expect(channel.tryReceive() == 1)
  }

  @Test func cancelling_a_consumer_that_was_just_served_does_not_lose_its_elements() async {
    let channel = Channel<Int>(capacity: 2)
    let executor = QueueExecutor()
    let receiving = await executor.suspendedTask { await channel.receive(upTo: 2) }
    executor.pause()
    await channel.send(contentsOf: [1, 2, 3]).expectSent()
    receiving.cancel()
    executor.goOn()
    #expect(await receiving.value == [1, 2])
    #expect(channel.tryReceive(upTo: 9) == [3])
  }

  @Test func task_that_is_already_cancelled_does_not_wait() async {
    let channel = Channel<Int>(capacity: 0)
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await channel.send(1).expectCancelled(1)
      await channel.send(contentsOf: [1, 2]).expectCancelled([1, 2])
      #expect(await channel.next() == nil)
      #expect(await channel.receive(upTo: 2) == [])
    }.value
    #expect(channel.tryReceive() == nil)
  }

  @Test func cancelled_for_loop_leaves_the_other_elements_in_the_channel() async {
    let channel = Channel<Int>(capacity: 4)
    let received = Log<Int>()
    await channel.send(contentsOf: [0, 1])
    let loop = await QueueExecutor().suspendedTask { for await element in channel { received.append(element) } }
    loop.cancel()
    await loop.value
    await channel.send(contentsOf: [2, 3])
    #expect(received.entries == [0, 1])
    #expect(channel.tryReceive(upTo: 9) == [2, 3])
  }
}
