import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct OutputOrderTests {
  @Test(arguments: 1...8, [1, 2, 3, 4, 16, 64])
  func input_order_is_kept_when_workers_finish_in_any(width: Int, window: Int) async throws {
    for seed in 0..<2 {
      let pipeline = Pipeline(0..<150).mapAsync(width: width, order: .input(window: window)) { element in
        await yieldAtRandom(seed, element)
        return element
      }
      #expect(try await pipeline.collect() == Array(0..<150), "seed \(seed)")
    }
  }

  @Test(arguments: 1...8)
  func completion_order_delivers_the_same_elements(width: Int) async throws {
    for seed in 0..<2 {
      let pipeline = Pipeline(0..<500).mapAsync(width: width, order: .completion) { element in
        await yieldAtRandom(seed, element)
        return element
      }
      #expect(try await pipeline.collect().sorted() == Array(0..<500), "seed \(seed)")
    }
  }

  @Test func completion_order_lets_the_fast_overtake_the_slow() async throws {
    let fast = Counter()
    let pipeline = Pipeline(0..<10).mapAsync(width: 2, order: .completion) { element in
      if element == 0, await !eventually({ fast.value == 9 }) { Issue.record("the others wait for element 0") }
      fast.add()
      return element
    }
    #expect(try await pipeline.collect() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
  }

  @Test func input_order_works_ahead_of_a_slow_element_as_far_as_the_window_goes() async throws {
    let started = Counter()
    let pipeline = Pipeline(0..<100).mapAsync(width: 2, order: .input(window: 16)) { element in
      started.add()
      // 16 are in the stage and the first is still at work: no 17th may enter.
      if element == 0 { #expect(await settled(started, atLeast: 16) == 16) }
      return element
    }
    #expect(try await pipeline.collect() == Array(0..<100))
  }

  @Test(arguments: 1...8)
  func no_more_elements_than_the_width_are_at_work(width: Int) async throws {
    let atWork = Counter()
    try await Pipeline(0..<300).mapAsync(width: width) { element in
      atWork.add(1)
      await yieldAtRandom(1, element)
      atWork.add(-1)
    }.forEach { _ in }
    #expect(atWork.highest <= width)
  }

  @Test func nested_stages_keep_the_order_of_their_inputs() async throws {
    for seed in 0..<10 {
      let pipeline = Pipeline(0..<300)
        .mapAsync(width: 3, order: .input(window: 8)) { element in
          await yieldAtRandom(seed, element)
          return element
        }
        .mapAsync(width: 4) { element in
          await yieldAtRandom(seed + 1, element)
          return element
        }
        .map { $0 }
        .mapAsync(width: 2, order: .input(window: 1)) { element in
          await yieldAtRandom(seed + 2, element)
          return element
        }
      #expect(try await pipeline.collect() == Array(0..<300), "seed \(seed)")
    }
  }

  @Test func stage_behind_one_in_completion_order_loses_nothing() async throws {
    for seed in 0..<10 {
      let pipeline = Pipeline(0..<300)
        .mapAsync(width: 4, order: .completion) { element in
          await yieldAtRandom(seed, element)
          return element
        }
        .mapAsync(width: 4, order: .input(window: 8)) { element in
          await yieldAtRandom(seed + 1, element)
          return element
        }
      #expect(try await pipeline.collect().sorted() == Array(0..<300), "seed \(seed)")
    }
  }
}
