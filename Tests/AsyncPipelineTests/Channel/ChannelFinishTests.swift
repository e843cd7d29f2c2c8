import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ChannelFinishTests {
  @Test func send_when_the_channel_is_finished_returns_the_elements() async {
    let channel = Channel<Int>(capacity: 4)
    channel.finish()
    await channel.send(1).expectFinished(1)
    await channel.send(contentsOf: [2, 3]).expectFinished([2, 3])
    #expect(await channel.next() == nil)
  }

  @Test func elements_that_the_channel_holds_can_be_received_after_its_end() async {
    let channel = Channel<Int>(capacity: 4)
    await channel.send(contentsOf: [1, 2, 3])
    channel.finish()
    #expect(await channel.next() == 1)
    #expect(await channel.receive(upTo: 4) == [2, 3])
    #expect(await channel.receive(upTo: 4) == [])
    #expect(await channel.next() == nil)
    #expect(channel.tryReceive() == nil)
  }

  @Test func finish_when_producers_wait_returns_the_elements_that_were_not_accepted() async {
    let channel = Channel<Int>(capacity: 2)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask { await channel.send(contentsOf: [0, 1, 2, 3]) }
    let second = await executor.suspendedTask { await channel.send(4) }
    channel.finish()
    await first.value.expectFinished([2, 3])
    await second.value.expectFinished(4)
    #expect(channel.tryReceive(upTo: 9) == [0, 1])
  }

  @Test func finish_when_consumers_wait_ends_them() async {
    let channel = Channel<Int>(capacity: 2)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask { await channel.next() }
    let second = await executor.suspendedTask { await channel.receive(upTo: 3) }
    channel.finish()
    #expect(await first.value == nil)
    #expect(await second.value == [])
  }

  @Test func second_finish_does_nothing() async {
    let channel = Channel<Int>(capacity: 1)
    channel.finish()
    channel.finish()
    await channel.send(1).expectFinished(1)
  }
}
