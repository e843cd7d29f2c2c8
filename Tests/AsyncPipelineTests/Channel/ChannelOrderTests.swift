import Testing

@testable import AsyncPipeline

/// Waiters are served in FIFO order.
@Suite(.timeLimit(.minutes(5)))
struct ChannelOrderTests {
  @Test(arguments: 0...3)
  func waiting_producers_are_served_in_fifo_order(capacity: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let executor = QueueExecutor()
    let sent = Log<Int>()
    var tasks: [Task<Void, Never>] = []
    for element in 0..<8 {
      tasks.append(
        await executor.suspendedTask {
          await channel.send(element).expectSent()
          sent.append(element)
        })
    }
    var received: [Int] = []
    for taken in 1...8 {
      received.append(await channel.next()!)
      await executor.idle()
      #expect(sent.entries == Array(0..<min(8, capacity + taken)))
    }
    #expect(received == Array(0..<8))
    for task in tasks { await task.value }
  }

  @Test(arguments: 0...3)
  func waiting_consumers_are_served_in_fifo_order(capacity: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    let executor = QueueExecutor()
    var tasks: [Task<Int?, Never>] = []
    for _ in 0..<8 { tasks.append(await executor.suspendedTask { await channel.next() }) }
    await channel.send(contentsOf: Array(0..<4)).expectSent()
    for element in 4..<8 { await channel.send(element).expectSent() }
    for (element, task) in tasks.enumerated() { #expect(await task.value == element) }
  }

  @Test func try_send_does_not_overtake_waiting_producers() async {
    let channel = Channel<Int>(capacity: 1)
    await channel.send(0)
    let producer = await QueueExecutor().suspendedTask { await channel.send(contentsOf: [1, 2]) }
    #expect(channel.trySend(3) == .full(3))
    #expect(channel.tryReceive() == 0)
    #expect(channel.trySend(3) == .full(3))
    #expect(channel.tryReceive() == 1)
    await producer.value.expectSent()
    #expect(channel.trySend(3) == .full(3))
    #expect(channel.tryReceive(upTo: 2) == [2])
    #expect(channel.trySend(3) == .sent)
  }

  @Test func batch_is_shared_evenly_by_the_waiting_consumers() async {
    let channel = Channel<Int>(capacity: 2)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask { await channel.receive(upTo: 9) }
    let second = await executor.suspendedTask { await channel.receive(upTo: 2) }
    let third = await executor.suspendedTask { await channel.receive(upTo: 9) }
    await channel.send(contentsOf: Array(0..<9)).expectSent()
    #expect(await first.value == [0, 1, 2])
    #expect(await second.value == [3, 4])
    #expect(await third.value == [5, 6, 7, 8])
  }

  /// Other consumers may be busy or may not have started yet, while the elements of a large share wait for one
  /// consumer.
  @Test func consumer_that_waits_alone_leaves_elements_to_others() async {
    let channel = Channel<Int>(capacity: 9)
    let waiting = await QueueExecutor().suspendedTask { await channel.receiveShare(of: 4, upTo: 9) }
    await channel.send(contentsOf: Array(0..<9)).expectSent()
    #expect(await waiting.value == [0, 1])
    #expect(channel.tryReceive(upTo: 9) == Array(2..<9))
  }
}
