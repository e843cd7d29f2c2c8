import AsyncPipeline
import Dispatch
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SourceTests {
  @Test(arguments: [0, 1, 63, 64, 65, 1_000, 5_000])
  func sequence_arrives_complete_and_in_order(count: Int) async throws {
    #expect(try await Pipeline(0..<count).collect() == Array(0..<count))
  }

  @Test(arguments: [0, 1, 64, 1_000])
  func asynchronous_sequence_arrives_complete_and_in_order(count: Int) async throws {
    let stream = AsyncStream { continuation in
      for element in 0..<count { continuation.yield(element) }
      continuation.finish()
    }
    #expect(try await Pipeline(stream).collect() == Array(0..<count))
  }

  @Test func channel_is_a_source() async throws {
    let channel = Channel<Int>(capacity: 3)
    async let elements = Pipeline(channel).collect()
    for element in 0..<100 { await channel.send(element) }
    channel.finish()
    #expect(try await elements == Array(0..<100))
  }

  @Test func element_of_an_asynchronous_sequence_does_not_wait_for_the_next() async throws {
    let channel = Channel<Int>(capacity: 3)
    let received = Counter()
    async let report = Pipeline(channel).mapAsync(width: 2) { $0 }.forEach { _ in received.add() }
    for count in 1...10 {
      await channel.send(count)
      #expect(await eventually { received.value == count })
    }
    channel.finish()
    _ = try await report
  }

  @Test func asynchronous_sequence_that_throws_ends_the_run_whatever_the_policy() async throws {
    let stream = AsyncThrowingStream<Int, any Error> { continuation in
      for element in 0..<10 { continuation.yield(element) }
      continuation.finish(throwing: Failure(element: 10))
    }
    await expect(throwing: Failure(element: 10)) {
      try await Pipeline(stream).mapAsync(width: 2) { $0 }.onFailure(.skip).forEach { _ in }
    }
  }

  // MARK: Batches

  @Test(arguments: [[], [0], [1], [0, 0, 3, 0], [64, 64], [1_000, 1, 0, 70]])
  func batches_arrive_complete_and_in_order(sizes: [Int]) async throws {
    let executor = QueueExecutor()
    let pipeline = Pipeline<Int>(on: executor) {
      var rest = sizes[...]
      var next = 0
      return {
        if !executor.isCurrent { Issue.record("not called on the given executor") }
        guard let size = rest.popFirst() else { return nil }
        defer { next += size }
        return Array(next..<next + size)
      }
    }
    #expect(try await pipeline.collect() == Array(0..<sizes.reduce(0, +)))
  }

  @Test func a_batch_does_not_wait_for_the_next() async throws {
    let received = DispatchSemaphore(value: 0)
    let pipeline = Pipeline<Int>(on: QueueExecutor()) {
      var count = 0
      return {
        // The next batch is returned when the previous one has arrived.
        if count > 0 { #expect(received.wait(timeout: .now() + 60) == .success) }
        count += 1
        return count > 3 ? nil : [count]
      }
    }
    try await pipeline.mapAsync(width: 2) { $0 }.forEach { _ in received.signal() }
  }

  @Test func each_run_starts_with_the_first_batch() async throws {
    let pipeline = Pipeline<Int>(on: QueueExecutor()) {
      var batches = [[1, 2], [3]][...]
      return { batches.popFirst() }
    }
    #expect(try await pipeline.collect() == [1, 2, 3])
    #expect(try await pipeline.collect() == [1, 2, 3])
  }

  @Test func function_that_throws_ends_the_run_whatever_the_policy() async throws {
    let pipeline = Pipeline<Int>(on: QueueExecutor()) {
      var count = 0
      return {
        count += 1
        if count == 5 { throw Failure(element: count) }
        return Array(repeating: count, count: 100)
      }
    }
    await expect(throwing: Failure(element: 5)) {
      try await pipeline.mapAsync(width: 2) { $0 }.onFailure(.skip).forEach { _ in }
    }
  }
}
