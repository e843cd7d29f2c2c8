import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct BufferOperatorsTests {
  @Test(arguments: [1, 2, 3, 64, 1_000])
  func buffer_keeps_all_elements_and_their_order(limit: Int) async throws {
    #expect(try await Pipeline(0..<1_000).buffer(elements: limit).collect() == Array(0..<1_000))
    #expect(try await Pipeline(0..<1_000).buffer(bytes: limit) { $0 % 7 }.collect() == Array(0..<1_000))
  }

  @Test(arguments: [1, 2, 3, 10, 64, 127, 128, 1_000])
  func source_stops_before_a_full_buffer(limit: Int) async throws {
    let hand = min(64, (limit + 1) / 2)
    // The task holds the elements that it took together, one of which is in progress, until all are passed on.
    let room = hand == 1 ? limit + 1 : limit
    try await expectAsked(asked(batch: hand, room: room)) { $0.buffer(elements: limit) }
  }

  @Test(arguments: [(100, 10), (99, 10), (9, 10), (0, 10), (100, 0), (100, 100)])
  func source_stops_before_a_buffer_with_its_maximum_weight(limit: Int, weight: Int) async throws {
    // One element is in progress, one is being passed on, and one waits to be sent.
    try await expectAsked(limit / max(1, weight) + 3) { $0.buffer(bytes: limit) { _ in weight } }
  }

  @Test func elements_that_are_too_heavy_pass() async throws {
    let elements = [[UInt8]](repeating: [1, 2, 3, 4, 5], count: 100)
    let report = try await Pipeline(elements).buffer(bytes: 4).forEach { #expect($0.count == 5) }
    #expect(try report.stage("buffer").output == 100)
    #expect(try report.stage("buffer").bytes == 500)
  }

  @Test func element_does_not_wait_in_a_buffer_for_others() async throws {
    let (source, seen) = (Channel<Int>(), Channel<Int>())
    let running = Task {
      try await Pipeline(source).buffer(elements: 100).buffer(bytes: 100) { $0 }.forEach { await seen.send($0) }
    }
    for element in 0..<5 {
      await source.send(element)
      #expect(await seen.next() == element)
    }
    source.finish()
    expectAccounted(try await running.value)
  }

  @Test func failures_before_and_behind_a_buffer_are_thrown() async throws {
    for failing in 0..<2 {
      let report = await Pipeline(0...)
        .map { if failing == 0, $0 == 500 { throw Failure(element: $0) } else { $0 } }
        .buffer(elements: 100).buffer(bytes: 100) { _ in 1 }
        .map { if failing == 1, $0 == 500 { throw Failure(element: $0) } else { $0 } }
        .reportOfRun()
      #expect(report.failed == 1)
      expectAccounted(report)
    }
  }

  @Test func bytes_of_an_element_that_waits_for_room_are_counted_once() async throws {
    let weighed = Counter()
    let report = try await Pipeline(0..<100).mapAsync(width: 1) { $0 }
      .buffer(bytes: 20) { _ in
        weighed.add()
        return 10
      }
      .forEach { _ in await Task.yield() }
    #expect(try report.stage("buffer").bytes == 1_000)
    #expect(weighed.value == 100)
  }
}
