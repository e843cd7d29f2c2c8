import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct StageWidthTests {
  @Test func automatic_width_follows_from_the_processors_and_says_so() async throws {
    let width = AutomaticWidth(processors: 3)
    #expect(width.workers.count == 3 * AutomaticWidth.perProcessor)
    #expect(AutomaticWidth(processors: -1).workers.count == AutomaticWidth.perProcessor)
    let (atWork, gate) = (Counter(), Gate())
    let running = Task {
      try await Pipeline(0..<1_000).mapAsync(width: width) { element in
        atWork.add()
        await gate.wait()
        return element
      }.forEach { _ in }
    }
    #expect(await eventually { atWork.value == 12 })
    #expect(await settled(atWork, atLeast: 12) == 12)
    gate.open()
    let note = try await running.value.stages[1].note
    #expect(note?.contains("width of 12") == true)
    #expect(note?.contains("3 processors") == true)
  }

  @Test func automatic_is_spelt_so_with_every_operator() async throws {
    let report = try await Pipeline(0..<10).mapAsync(width: .automatic) { $0 }
      .mapWithResource(width: .automatic, open: {}, close: { _ in }) { $1 }.forEach { _ in }
    #expect(report.stages[1...2].allSatisfy { $0.note != nil })
    let chosen = try await Pipeline(0..<10).mapAsync(width: 2) { $0 }.forEach { _ in }
    #expect(chosen.stages[1].note == nil)
  }

  @Test func width_of_zero_is_refused() async {
    await #expect(processExitsWith: .failure) { _ = Pipeline(0..<1).mapAsync(width: 0) { $0 } }
    await #expect(processExitsWith: .failure) { _ = Pipeline(0..<1).mapAsync(width: -1) { $0 } }
    await #expect(processExitsWith: .failure) {
      _ = Pipeline(0..<1).mapWithResource(width: 0, open: {}, close: { _ in }) { $1 }
    }
  }

  @Test func refusal_is_a_sentence() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Pipeline(0..<1).mapAsync(width: 0) { $0 } }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("a concurrent stage has at least one worker: its width must be positive"))
  }

  @Test(arguments: [0, 1, 5, 200], [1, 3])
  func no_more_elements_wait_than_are_to_be_read_ahead(readAhead: Int, width: Int) async throws {
    for order in [OutputOrder<Int>.completion, .input(window: 1_000)] {
      let (asked, gate) = (Counter(), Gate())
      let running = Task {
        try await Pipeline(CountedNumbers(asked: asked)).mapAsync(width: width, readAhead: readAhead, order: order) {
          await gate.wait()
          if $0 == 3_000 { throw Failure(element: $0) }
        }.forEach { _ in }
      }
      // At work, in the queue, and in the source.
      let hand = max(1, min(BatchBuffer<Int>.defaultSize, readAhead))
      #expect(await eventually { asked.value >= width + readAhead })
      #expect(await settled(asked) <= width + readAhead + hand)
      gate.open()
      await expect(throwing: Failure(element: 3_000)) { try await running.value }
    }
  }
}
