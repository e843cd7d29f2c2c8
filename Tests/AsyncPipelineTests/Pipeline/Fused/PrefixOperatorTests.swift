import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PrefixOperatorTests {
  @Test(arguments: [0, 1, 63, 64, 65, 200, 1_000])
  func prefix_emits_the_first_elements(count: Int) async throws {
    #expect(try await Pipeline(0..<200).prefix(count).collect() == Array((0..<200).prefix(count)))
    #expect(try await Pipeline(0...).prefix(count).collect() == Array(0..<count))
  }

  @Test(arguments: [0, 1, 63, 64, 65, 200])
  func prefix_requests_and_computes_no_more_than_it_needs(count: Int) async throws {
    let (asked, computed) = (Counter(), Counter())
    let pipeline = Pipeline(CountedNumbers(asked: asked)).map { element in
      computed.add()
      return element
    }.filter { $0 % 2 == 0 }.prefix(count)
    #expect(try await pipeline.count() == count)
    let needed = max(0, 2 * count - 1)
    #expect(asked.value == needed)
    #expect(computed.value == needed)
  }

  @Test func prefix_ends_a_source_that_would_wait_forever() async throws {
    let channel = Channel<Int>(capacity: 10)
    await channel.send(contentsOf: [1, 2, 3])
    #expect(try await Pipeline(channel).prefix(3).collect() == [1, 2, 3])
  }

  @Test func prefix_of_nothing_does_not_start_the_source() async throws {
    // The source neither emits an element nor ends.
    let channel = Channel<Int>(capacity: 0)
    #expect(try await Pipeline(channel).mapAsync(width: 2) { $0 }.prefix(0).collect() == [])
  }

  @Test(arguments: [OutputOrder<Int>.input(window: 1), .input(window: 16), .input], [1, 3])
  func prefix_behind_a_stage_in_input_order(order: OutputOrder<Int>, width: Int) async throws {
    for seed in 0..<20 {
      let run = Pipeline(0...).mapAsync(width: width, order: order) { element in
        await yieldAtRandom(seed, element)
        return element
      }.prefix(10 * seed).mapAsync(width: 2) { $0 }.prepareCollect()
      #expect(try await run() == Array(0..<10 * seed))
      run.run.report.expectIdentity("seed \(seed)")
    }
  }

  @Test(arguments: 1...4)
  func prefix_behind_a_stage_in_completion_order_loses_no_element(width: Int) async throws {
    for seed in 0..<50 {
      let run = Pipeline(0...).mapAsync(width: width, order: .completion) { element in
        await yieldAtRandom(seed, element)
        return element
      }.prefix(10 * seed).prepareCollect()
      let elements = try await run()
      #expect(elements.count == 10 * seed && Set(elements).count == 10 * seed, "seed \(seed)")
      run.run.report.expectIdentity("seed \(seed)")
    }
  }

  @Test func prefix_cancels_the_elements_in_progress_before_it() async throws {
    let waiting = Counter()
    let run = Pipeline(0..<100).mapAsync(width: 4, order: .completion) { element in
      if element >= 3 {
        waiting.add()
        await untilCancelled()
        throw Failure(element: element)
      }
      #expect(await eventually { waiting.value >= 1 })
      return element
    }.prefix(3).prepareCollect()
    #expect(try await run().sorted() == [0, 1, 2])
    let report = run.run.report
    report.expectIdentity("")
    #expect(report.failed == 0 && report.stages[1].cancelled >= 1)
  }

  @Test func several_prefixes() async throws {
    #expect(try await Pipeline(0...).prefix(100).filter { $0 % 2 == 1 }.prefix(3).collect() == [1, 3, 5])
    #expect(try await Pipeline(0...).prefix(10).mapAsync(width: 2) { $0 }.prefix(100).collect() == Array(0..<10))
    #expect(try await Pipeline(0...).prefix(100).mapAsync(width: 2) { $0 }.prefix(10).collect() == Array(0..<10))
    #expect(try await Pipeline(0...).prefix(50).erased.prefix(20).erased.prefix(30).collect() == Array(0..<20))
  }

  @Test func prefix_counts_from_zero_in_each_run() async throws {
    let pipeline = Pipeline(2...).prefix(3).scan(0, +)
    #expect(try await pipeline.collect() == [2, 5, 9])
    #expect(try await pipeline.collect() == [2, 5, 9])
  }
}
