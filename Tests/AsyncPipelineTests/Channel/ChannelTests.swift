import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ChannelTests {
  // MARK: Sending

  @Test func send_when_there_is_room_returns_at_once() async {
    let channel = Channel<Int>(capacity: 3)
    for element in 0..<3 { await channel.send(element).expectSent() }
    #expect(channel.tryReceive(upTo: 9) == [0, 1, 2])
  }

  @Test func send_when_the_channel_is_full_waits_for_room() async {
    let channel = Channel<Int>(capacity: 1)
    await channel.send(1)
    let sent = Counter()
    let producer = await QueueExecutor().suspendedTask {
      await channel.send(2).expectSent()
      sent.add()
    }
    #expect(sent.value == 0)
    #expect(await channel.next() == 1)
    await producer.value
    #expect(channel.tryReceive() == 2)
  }

  @Test func send_without_capacity_returns_when_the_element_is_taken() async {
    let channel = Channel<Int>(capacity: 0)
    let asked = Counter()
    async let receiving: Void = {
      for element in 0..<1000 {
        asked.add()
        #expect(await channel.next() == element)
      }
    }()
    for element in 0..<1000 {
      await channel.send(element).expectSent()
      if asked.value <= element { Issue.record("\(element) was sent before it was requested") }
    }
    await receiving
  }

  @Test func send_without_capacity_waits_for_a_consumer() async {
    let channel = Channel<Int>(capacity: 0)
    let sent = Counter()
    let producer = await QueueExecutor().suspendedTask {
      await channel.send(1).expectSent()
      sent.add()
    }
    #expect(sent.value == 0)
    #expect(await channel.next() == 1)
    await producer.value
  }

  @Test(arguments: 0...4)
  func send_of_a_batch_larger_than_the_channel_passes_through_in_order(capacity: Int) async {
    let channel = Channel<Int>(capacity: capacity)
    async let producer = channel.send(contentsOf: Array(0..<100))
    var received: [Int] = []
    while received.count < 100 { received += await channel.receive(upTo: 7) }
    #expect(received == Array(0..<100))
    await producer.expectSent()
  }

  @Test func send_of_nothing_is_sent_even_if_the_channel_is_finished() async {
    let channel = Channel<Int>(capacity: 0)
    channel.finish()
    await channel.send(contentsOf: []).expectSent()
  }

  // MARK: Receiving

  @Test func receive_takes_at_least_one_and_at_most_its_limit() async {
    let channel = Channel<Int>(capacity: 10)
    await channel.send(contentsOf: Array(0..<10))
    #expect(await channel.receive(upTo: 4) == [0, 1, 2, 3])
    #expect(await channel.receive(upTo: 4) == [4, 5, 6, 7])
    #expect(await channel.receive(upTo: 4) == [8, 9])
    async let late = channel.receive(upTo: 4)
    await channel.send(10)
    #expect(await late == [10])
  }

  @Test func receive_takes_elements_of_waiting_producers() async {
    let channel = Channel<Int>(capacity: 2)
    let producer = await QueueExecutor().suspendedTask { await channel.send(contentsOf: Array(0..<8)) }
    #expect(await channel.receive(upTo: 5) == [0, 1, 2, 3, 4])
    #expect(channel.tryReceive(upTo: 1) == [5])
    await producer.value.expectSent()
    #expect(await channel.receive(upTo: 5) == [6, 7])
  }

  @Test func try_receive_when_the_channel_is_empty_returns_no_element() {
    let channel = Channel<Int>(capacity: 1)
    #expect(channel.tryReceive() == nil)
    #expect(channel.tryReceive(upTo: 3) == [])
  }

  @Test func try_receive_resumes_a_waiting_producer() async {
    let channel = Channel<Int>(capacity: 1)
    let producer = await QueueExecutor().suspendedTask {
      for element in 0..<3 { await channel.send(element).expectSent() }
    }
    #expect(channel.tryReceive() == 0)
    #expect(await channel.next() == 1)
    #expect(await channel.next() == 2)
    await producer.value
  }

  @Test func try_send_when_a_consumer_waits_serves_it() async {
    let channel = Channel<Int>()
    #expect(channel.trySend(1) == .full(1))
    let consumer = await QueueExecutor().suspendedTask { await channel.next() }
    #expect(channel.trySend(2) == .sent)
    #expect(channel.trySend(3) == .full(3))
    #expect(await consumer.value == 2)
    channel.finish()
    #expect(channel.trySend(4) == .finished(4))
  }

  @Test func channel_is_finished_when_it_is_empty() async {
    let channel = Channel<Int>(capacity: 1)
    #expect(!channel.isFinished)
    await channel.send(1)
    channel.finish()
    #expect(!channel.isFinished)
    #expect(channel.tryReceive() == 1)
    #expect(channel.isFinished)
  }

  /// Otherwise a consumer that modifies an element would copy it.
  @Test(arguments: [0, 1, 2], [false, true])
  func received_element_is_uniquely_referenced(capacity: Int, isThere: Bool) async {
    final class Parcel: Sendable {}
    let channel = Channel<Parcel>(capacity: capacity)
    let executor = QueueExecutor()
    if isThere {
      let task = await executor.suspendedTask { _ = await channel.send(Parcel()) }
      var parcel = await channel.next()!
      #expect(isKnownUniquelyReferenced(&parcel))
      await task.value
    } else {
      let isUnique = await executor.suspendedTask {
        var parcel = await channel.next()!
        return isKnownUniquelyReferenced(&parcel)
      }
      await channel.send(Parcel())
      #expect(await isUnique.value)
    }
  }

  @Test func channel_is_a_sequence_of_its_elements() async {
    let channel = Channel<Int>(capacity: 3)
    async let producer: Void = {
      for element in 0..<100 { await channel.send(element) }
      channel.finish()
    }()
    var received: [Int] = []
    for await element in channel { received.append(element) }
    await producer
    #expect(received == Array(0..<100))
  }

  /// As in the documentation of the type.
  @Test func example_ends_with_the_channel() async {
    let read = Log<String>()
    let lines = Channel<String>(capacity: 64)
    async let reading: Void = { for await line in lines { read.append(line) } }()
    await lines.send("water")
    lines.finish()
    await reading
    #expect(read.entries == ["water"])
  }

  @MainActor
  @Test func channel_is_a_sequence_for_an_actor_too() async {
    let channel = Channel<Int>(capacity: 3)
    let producer = Task.detached {
      await channel.send(contentsOf: Array(0..<100))
      channel.finish()
    }
    var received: [Int] = []
    for await element in channel {
      MainActor.assertIsolated()
      received.append(element)
    }
    await producer.value
    #expect(received == Array(0..<100))
  }

  @Test func channel_is_a_sequence_for_a_generic_consumer_on_an_actor() async {
    actor Consumer {
      private(set) var received: [Int] = []

      func consume<Numbers: AsyncSequence>(_ numbers: Numbers) async throws(Numbers.Failure)
      where Numbers.Element == Int {
        for try await number in numbers {
          assertIsolated()
          received.append(number)
        }
      }
    }
    let (channel, throwing) = (Channel<Int>(capacity: 3), ThrowingChannel<Int, Failure>())
    async let producer: Void = {
      await channel.send(contentsOf: Array(0..<100))
      channel.finish()
      await throwing.send(contentsOf: Array(100..<200))
      throwing.fail(Failure(element: 0))
    }()
    let consumer = Consumer()
    await consumer.consume(channel)
    await #expect(throws: Failure(element: 0)) { try await consumer.consume(throwing) }
    await producer
    #expect(await consumer.received == Array(0..<200))
  }
}
