import Synchronization
import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct KeyedStageTests {
  @Test(arguments: [1, 2, 8], [0, 1, 2, 5, 100])
  func elements_of_a_key_keep_their_order_and_are_never_at_work_together(width: Int, readAhead: Int) async throws {
    for keys in [1, 2, 7, 300] {
      let atWork = Mutex<Set<Int>>([])
      let elements = Log<Int>()
      let report = try await Pipeline(0..<300).mapAsync(
        width: width, readAhead: readAhead, order: .perKey { $0 % keys }
      ) { element in
        #expect(atWork.withLock { $0.insert(element % keys).inserted }, "\(keys) keys")
        await yieldAtRandom(keys, element)
        atWork.withLock { _ = $0.remove(element % keys) }
        return element
      }.forEach { elements.append($0) }
      for key in 0..<keys {
        let ofKey = elements.entries.filter { $0 % keys == key }
        #expect(ofKey == Array(stride(from: key, to: 300, by: keys)), "key \(key) of \(keys)")
      }
      report.expectIdentity("\(keys) keys")
    }
  }

  @Test func other_keys_overtake_one_that_is_at_work() async throws {
    let others = Counter()
    let elements = try await Pipeline(0..<20).mapAsync(width: 2, readAhead: 40, order: .perKey { $0 % 4 }) { element in
      // Key 0 is at work until the elements of all other keys have left: 15 of them.
      if element == 0, await !eventually({ others.value == 15 }) { Issue.record("the others wait for key 0") }
      if element % 4 != 0 { others.add() }
      return element
    }.collect()
    #expect(elements.suffix(5) == [0, 4, 8, 12, 16])
  }

  @Test(arguments: [1, 2, 9, 64], [1, 4])
  func no_more_elements_wait_than_are_to_be_read_ahead(readAhead: Int, width: Int) async throws {
    for keys in [1, 2, 1_000] {
      let (asked, gate) = (Counter(), Gate())
      let running = Task {
        try await Pipeline(CountedNumbers(asked: asked)).mapAsync(
          width: width, readAhead: readAhead, order: .perKey { $0 % keys }
        ) {
          await gate.wait()
          if $0 == 2_000 { throw Failure(element: $0) }
        }.forEach { _ in }
      }
      #expect(await eventually { asked.value >= readAhead })
      let hand = (readAhead + 1) / 2
      #expect(await settled(asked) <= width + readAhead + hand, "\(keys) keys")
      gate.open()
      await expect(throwing: Failure(element: 2_000)) { try await running.value }
    }
  }

  @Test(arguments: [1, 5])
  func elements_that_fail_do_not_hold_up_their_key(width: Int) async throws {
    let report = try await Pipeline(0..<200).mapAsync(
      width: width, order: .perKey { $0 % 3 }, retry: .retry(max: 1)
    ) { element -> Int in
      await yieldAtRandom(1, element)
      throw Failure(element: element)
    }.onFailure(.skip).forEach { _ in }
    #expect(report.stages[1].skipped == 200)
    #expect(report.stages[1].attempts == 400)
    report.expectIdentity("all fail")
  }

  @Test func runs_that_are_cancelled_or_fail_account_for_their_elements() async throws {
    for seed in seeds(of: 160) {
      let atWork = Counter()
      let prepared = Pipeline(0..<400).mapAsync(
        width: 1 + seed % 5, readAhead: 1 + seed % 11, order: .perKey { $0 % (1 + seed % 6) }
      ) { element in
        atWork.add(1)
        defer { atWork.add(-1) }
        await yieldAtRandom(seed, element)
        if seed % 3 == 0, element == 200 { throw Failure(element: element) }
        return element
      }.prepareForEach { _ in }
      let running = Task { try await prepared() }
      for _ in 0..<seed * 3 % 97 { await Task.yield() }
      if seed % 2 == 0 { running.cancel() }
      _ = await running.result
      #expect(atWork.value == 0)
      prepared.run.report.expectIdentity("seed \(seed)")
    }
  }

  @Test func width_of_zero_is_refused() async {
    await #expect(processExitsWith: .failure) {
      _ = Pipeline(0..<1).mapAsync(width: 0, order: .perKey { $0 }) { $0 }
    }
  }
}
