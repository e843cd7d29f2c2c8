import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ThrowingChannelTests {
  private let failure = Failure(element: 1)

  @Test func failure_is_received_once_after_the_elements() async throws {
    let channel = ThrowingChannel<Int, Failure>(capacity: 4)
    await channel.send(contentsOf: [1, 2, 3])
    channel.fail(failure)
    #expect(try await channel.next() == 1)
    #expect(try await channel.receive(upTo: 9) == [2, 3])
    await #expect(throws: failure) { try await channel.next() }
    #expect(try await channel.next() == nil)
    #expect(try await channel.receive(upTo: 9) == [])
  }

  @Test func failure_is_received_by_a_batch_and_by_an_attempt_too() async throws {
    let first = ThrowingChannel<Int, Failure>()
    first.fail(failure)
    await #expect(throws: failure) { try await first.receive(upTo: 2) }
    let second = ThrowingChannel<Int, Failure>()
    second.fail(failure)
    #expect(throws: failure) { try second.tryReceive() }
    #expect(try second.tryReceive() == nil)
    let third = ThrowingChannel<Int, Failure>()
    third.fail(failure)
    #expect(throws: failure) { try third.tryReceive(upTo: 2) }
    #expect(try third.tryReceive(upTo: 2) == [])
  }

  @Test func fail_when_consumers_wait_fails_them_all() async throws {
    let channel = ThrowingChannel<Int, Failure>(capacity: 2)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask {
      await Self.result { () async throws(Failure) in try await channel.next() }
    }
    let second = await executor.suspendedTask {
      await Self.result { () async throws(Failure) in try await channel.receive(upTo: 3) }
    }
    channel.fail(failure)
    #expect(await first.value == .failure(failure))
    #expect(await second.value == .failure(failure))
    #expect(try await channel.next() == nil)
  }

  @Test func fail_when_producers_wait_returns_the_elements_that_were_not_accepted() async throws {
    let channel = ThrowingChannel<Int, Failure>(capacity: 2)
    let executor = QueueExecutor()
    let first = await executor.suspendedTask { await channel.send(contentsOf: [0, 1, 2, 3]) }
    let second = await executor.suspendedTask { await channel.send(4) }
    channel.fail(failure)
    await first.value.expectFinished([2, 3])
    await second.value.expectFinished(4)
    await channel.send(5).expectFinished(5)
    await channel.send(contentsOf: [6, 7]).expectFinished([6, 7])
    #expect(channel.trySend(8) == .finished(8))
    #expect(try channel.tryReceive(upTo: 9) == [0, 1])
  }

  @Test func first_end_counts() async throws {
    let failed = ThrowingChannel<Int, Failure>()
    failed.fail(failure)
    failed.finish()
    failed.fail(Failure(element: 2))
    await #expect(throws: failure) { try await failed.next() }
    let finished = ThrowingChannel<Int, Failure>()
    finished.finish()
    finished.fail(failure)
    #expect(try await finished.next() == nil)
  }

  @Test func channel_is_finished_when_its_failure_was_received() async throws {
    let channel = ThrowingChannel<Int, Failure>(capacity: 1)
    await channel.send(1)
    #expect(!channel.isFinished)
    channel.fail(failure)
    #expect(!channel.isFinished)
    #expect(try channel.tryReceive() == 1)
    #expect(!channel.isFinished)
    #expect(throws: failure) { try channel.tryReceive() }
    #expect(channel.isFinished)
  }

  @Test func failure_is_received_even_if_the_task_is_cancelled() async {
    let channel = ThrowingChannel<Int, Failure>()
    channel.fail(failure)
    let result = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await Self.result { () async throws(Failure) in try await channel.next() }
    }.value
    #expect(result == .failure(failure))
  }

  @Test func loop_ends_with_the_failure() async {
    let channel = ThrowingChannel<Int, any Error>(budget: 9) { $0 }
    let received = Log<Int>()
    await channel.send(contentsOf: [1, 2, 3])
    channel.fail(failure)
    await #expect(throws: failure) {
      for try await element in channel { received.append(element) }
    }
    #expect(received.entries == [1, 2, 3])
  }

  /// As in the documentation of the type.
  @Test func example_ends_with_the_failure() async {
    let read = Log<String>()
    await #expect(throws: CancellationError.self) {
      let lines = ThrowingChannel<String, any Error>(capacity: 64)
      async let reading: Void = { for try await line in lines { read.append(line) } }()
      await lines.send("water")
      lines.fail(CancellationError())
      try await reading
    }
    #expect(read.entries == ["water"])
  }

  @Test func elements_are_passed_without_capacity() async throws {
    let channel = ThrowingChannel<Int, Failure>()
    async let producer: Void = {
      for element in 0..<100 { await channel.send(element).expectSent() }
      await channel.send(contentsOf: Array(100..<200)).expectSent()
      channel.finish()
    }()
    var received: [Int] = []
    for try await element in channel { received.append(element) }
    await producer
    #expect(received == Array(0..<200))
  }

  private static func result<R: Sendable>(_ body: () async throws(Failure) -> R) async -> Result<R, Failure> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}
