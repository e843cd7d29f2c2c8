import Synchronization
import Testing

/// What a rendezvous does where the tests of swift-async-algorithms do not look: each expectation holds for its channel
/// too.
@Suite(.timeLimit(.minutes(5)))
struct RendezvousTests {
  private struct Fault: Error {}

  private let executor = QueueExecutor()

  // MARK: Ends

  @Test(arguments: Subject.Kind.allCases)
  func failure_comes_to_all_consumers_that_wait_and_to_nobody_else(kind: Subject.Kind) async {
    let channel = Subject(kind)
    let first = await executor.suspendedTask { await channel.outcome }
    let second = await executor.suspendedTask { await channel.outcome }
    channel.fail(Fault())
    #expect(await first.value == .failure)
    #expect(await second.value == .failure)
    #expect(await channel.outcome == .end)
  }

  @Test(arguments: Subject.Kind.allCases)
  func failure_comes_to_the_first_consumer_when_none_waits(kind: Subject.Kind) async {
    let channel = Subject(kind)
    channel.fail(Fault())
    #expect(await channel.outcome == .failure)
    #expect(await channel.outcome == .end)
  }

  @Test(arguments: Subject.Kind.allCases)
  func first_end_counts(kind: Subject.Kind) async {
    let failed = Subject(kind)
    failed.fail(Fault())
    failed.finish()
    #expect(await failed.outcome == .failure)
    let finished = Subject(kind)
    finished.finish()
    finished.finish()
    finished.fail(Fault())
    #expect(await finished.outcome == .end)
    let told = Subject(kind)
    told.fail(Fault())
    #expect(await told.outcome == .failure)
    told.fail(Fault())
    #expect(await told.outcome == .end)
  }

  @Test(arguments: Subject.Kind.allCases)
  func elements_of_producers_that_wait_do_not_outlast_the_end(kind: Subject.Kind) async {
    for isFailure in [false, true] {
      let channel = Subject(kind)
      let producer = await executor.suspendedTask { await channel.send(1) }
      if isFailure { channel.fail(Fault()) } else { channel.finish() }
      await producer.value
      #expect(await channel.outcome == (isFailure ? .failure : .end))
      await channel.send(2)
      #expect(await channel.outcome == .end)
    }
  }

  // MARK: Cancellation

  @Test(arguments: Subject.Kind.allCases)
  func cancelled_send_is_not_delivered(kind: Subject.Kind) async {
    let channel = Subject(kind)
    let first = await executor.suspendedTask { await channel.send(1) }
    let second = await executor.suspendedTask { await channel.send(2) }
    first.cancel()
    await first.value
    #expect(await channel.outcome == .element(2))
    await second.value
  }

  @Test(arguments: Subject.Kind.allCases)
  func cancelled_next_takes_nothing(kind: Subject.Kind) async {
    let channel = Subject(kind)
    let first = await executor.suspendedTask { await channel.outcome }
    let second = await executor.suspendedTask { await channel.outcome }
    first.cancel()
    #expect(await first.value == .end)
    await channel.send(1)
    #expect(await second.value == .element(1))
  }

  @Test(arguments: Subject.Kind.allCases)
  func send_in_a_cancelled_task_succeeds_only_if_a_consumer_waits(kind: Subject.Kind) async {
    let channel = Subject(kind)
    await inCancelledTask { await channel.send(1) }
    let consumer = await executor.suspendedTask { await channel.outcome }
    await executor.idle()
    await inCancelledTask { await channel.send(2) }
    #expect(await consumer.value == .element(2))
  }

  @Test(arguments: Subject.Kind.allCases)
  func next_in_a_cancelled_task_succeeds_only_if_a_producer_waits(kind: Subject.Kind) async {
    let channel = Subject(kind)
    #expect(await inCancelledTask { await channel.outcome } == .end)
    let producer = await executor.suspendedTask { await channel.send(1) }
    #expect(await inCancelledTask { await channel.outcome } == .element(1))
    await producer.value
    channel.fail(Fault())
    #expect(await inCancelledTask { await channel.outcome } == .failure)
  }

  @Test(arguments: Subject.Kind.allCases)
  func cancellation_after_delivery_changes_nothing(kind: Subject.Kind) async {
    let channel = Subject(kind)
    let consumer = await executor.suspendedTask { await channel.outcome }
    await channel.send(1)
    consumer.cancel()
    #expect(await consumer.value == .element(1))
    let producer = await executor.suspendedTask { await channel.send(2) }
    #expect(await channel.outcome == .element(2))
    producer.cancel()
    await producer.value
    channel.finish()
    #expect(await channel.outcome == .end)
  }

  // MARK: Order

  @Test(arguments: Subject.Kind.allCases)
  func send_lasts_until_its_element_is_taken_in_turn(kind: Subject.Kind) async {
    let channel = Subject(kind)
    let sent = Mutex<[Int]>([])
    for element in 0..<4 {
      _ = await executor.suspendedTask {
        await channel.send(element)
        sent.withLock { $0.append(element) }
      }
    }
    for element in 0..<4 {
      #expect(sent.withLock { $0 } == Array(0..<element))
      #expect(await channel.outcome == .element(element))
      await executor.idle()
    }
  }

  @Test(arguments: Subject.Kind.allCases)
  func consumers_are_served_in_turn(kind: Subject.Kind) async {
    let channel = Subject(kind)
    var consumers: [Task<Subject.Outcome, Never>] = []
    for _ in 0..<4 { consumers.append(await executor.suspendedTask { await channel.outcome }) }
    for element in 0..<4 { await channel.send(element) }
    for (element, consumer) in consumers.enumerated() { #expect(await consumer.value == .element(element)) }
  }

  private func inCancelledTask<R: Sendable>(_ operation: @escaping @Sendable () async -> R) async -> R {
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await operation()
    }.value
  }
}
