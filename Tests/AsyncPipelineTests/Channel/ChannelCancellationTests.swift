import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChannelCancellationTests {
  @Test func cancelling_a_producer_that_waits_hands_back_what_was_not_taken_over() async {
    let channel = Channel<Int>(capacity: 2)
    let producer = Task { await channel.send(contentsOf: [0, 1, 2, 3]) }
    #expect(await eventually { channel.tryNext() == 0 })
    producer.cancel()
    await producer.value.expectCancelled([3])
    #expect(channel.tryReceive(upTo: 9) == [1, 2])
  }

  @Test func cancelling_a_producer_lets_the_next_one_have_its_turn() async {
    let channel = Channel<Int>(capacity: 0)
    let first = Task { await channel.send(1) }
    let second = Task { await channel.send(2) }
    await settle()
    first.cancel()
    await first.value.expectCancelled(1)
    #expect(await channel.next() == 2)
    await second.value.expectSent()
  }

  @Test func cancelling_a_consumer_that_waits_ends_it_with_nothing() async {
    let channel = Channel<Int>(capacity: 2)
    let receiving = Task { await channel.receive(upTo: 2) }
    let next = Task { await channel.next() }
    await settle()
    receiving.cancel()
    next.cancel()
    #expect(await receiving.value == [])
    #expect(await next.value == nil)
    // It has taken nothing away.
    await channel.send(1).expectSent()
    #expect(channel.tryNext() == 1)
  }

  @Test func task_cancelled_before_it_asks_waits_for_nothing() async {
    let channel = Channel<Int>(capacity: 0)
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await channel.send(1).expectCancelled(1)
      await channel.send(contentsOf: [1, 2]).expectCancelled([1, 2])
      #expect(await channel.next() == nil)
      #expect(await channel.receive(upTo: 2) == [])
    }.value
    #expect(channel.tryNext() == nil)
  }

  @Test func cancelled_for_loop_leaves_the_rest_to_others() async {
    let channel = Channel<Int>(capacity: 4)
    let received = Log<Int>()
    let loop = Task { for await element in channel { received.append(element) } }
    await channel.send(contentsOf: [0, 1])
    #expect(await eventually { received.count == 2 })
    loop.cancel()
    await loop.value
    await channel.send(contentsOf: [2, 3])
    #expect(received.entries == [0, 1])
    #expect(channel.tryReceive(upTo: 9) == [2, 3])
  }
}
