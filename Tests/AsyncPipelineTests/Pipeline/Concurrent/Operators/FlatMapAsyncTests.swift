import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct FlatMapAsyncTests {
  /// The element so many times, then the error.
  private struct Repeated: AsyncSequence {
    let element: Int
    let count: Int
    var failure: Failure?

    struct AsyncIterator: AsyncIteratorProtocol {
      let sequence: Repeated
      var given = 0

      mutating func next() async throws -> Int? {
        await yieldAtRandom(given, sequence.element)
        if given < sequence.count {
          given += 1
          return sequence.element
        }
        if let failure = sequence.failure { throw failure }
        return nil
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sequence: self) }
  }

  @Test(arguments: [1, 2, 8], [0, 1, 20])
  func each_sequence_comes_in_whole(width: Int, readAhead: Int) async throws {
    let elements = Log<Int>()
    let report = try await Pipeline(0..<60).flatMapAsync(width: width, readAhead: readAhead) { element in
      Repeated(element: element, count: element % 7)
    }.forEach { elements.append($0) }
    let expected = (0..<60).flatMap { [Int](repeating: $0, count: $0 % 7) }
    #expect(width == 1 ? elements.entries == expected : elements.entries.sorted() == expected)
    report.expectIdentity("whole")
    #expect(report.stages[1].filtered == (0..<60).count { $0 % 7 == 0 })
  }

  @Test func sequences_are_interleaved_up_to_the_width() async throws {
    let channels = (0..<3).map { _ in Channel<Int>() }
    let (open, received) = (Counter(), Log<Int>())
    let running = Task {
      try await Pipeline(0..<3).flatMapAsync(width: 2) { element in
        open.add()
        return channels[element]
      }.forEach { received.append($0) }
    }
    #expect(await eventually { open.value == 2 })
    // Both are iterated, each output is passed on at once, and the third sequence waits.
    for element in [10, 20, 11, 21] {
      await channels[element / 10 - 1].send(element)
      #expect(await eventually { received.entries.last == element })
    }
    #expect(open.value == 2)
    channels[0].finish()
    await channels[2].send(30)
    channels[1].finish()
    channels[2].finish()
    _ = try await running.value
    #expect(received.entries == [10, 20, 11, 21, 30])
  }

  @Test func sequence_that_fails_has_given_what_it_has_given() async throws {
    let elements = Log<Int>()
    let report = try await Pipeline(0..<30).flatMapAsync(width: 3) { element in
      if element == 5 { throw Failure(element: element) }
      return Repeated(element: element, count: 3, failure: element == 7 ? Failure(element: 7) : nil)
    }.onFailure(.collect(limit: 2)).forEach { elements.append($0) }
    #expect(elements.entries.count == 29 * 3)
    #expect(elements.entries.count { $0 == 7 } == 3)
    #expect(Set(report.failures.map(\.element)) == ["5", "7"])
    #expect(report.stages[1].failed == 2)
    #expect(report.stages[1].attempts == 30)
    report.expectIdentity("failed")
  }

  @Test func endless_sequences_end_with_the_run() async throws {
    let prepared = Pipeline(0...).flatMapAsync(width: 4) { Repeated(element: $0, count: .max) }.prefix(1_000)
      .prepareCollect()
    #expect(try await prepared().count == 1_000)
    prepared.run.report.expectIdentity("prefix")
    let count = Counter()
    let endless = Pipeline(0...).flatMapAsync(width: 4) { Repeated(element: $0, count: .max) }
      .prepareForEach { _ in count.add() }
    let running = Task { try await endless() }
    #expect(await eventually { count.value > 100 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    endless.run.report.expectIdentity("cancelled")
  }

  @Test func stage_that_is_full_stops_the_sequences() async throws {
    let (asked, gate) = (Counter(), Gate())
    let running = Task {
      try await Pipeline(0...).flatMapAsync(width: 3, readAhead: 0) { _ in
        AsyncStream { asked.add() }
      }.forEach { element in
        await gate.wait()
        if element == 5_000 { throw Failure(element: element) }
      }
    }
    #expect(await eventually { asked.value >= StageBudget.sinkLimit - StageBudget.sinkHand })
    // What the sink and its queue hold, and one element in each task.
    #expect(await settled(asked) <= StageBudget.sinkLimit + 3)
    gate.open()
    await expect(throwing: Failure(element: 5_000)) { try await running.value }
  }

  @Test func width_of_zero_is_refused() async {
    await #expect(processExitsWith: .failure) {
      _ = Pipeline(0..<1).flatMapAsync(width: 0) { _ in AsyncStream { nil as Int? } }
    }
  }
}
