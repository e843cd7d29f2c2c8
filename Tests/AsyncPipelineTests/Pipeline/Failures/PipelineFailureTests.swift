import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PipelineFailureTests {
  // MARK: Fail fast

  @Test(arguments: [OutputOrder<Int>.input, .input(window: 1), .completion], [1, 2, 8])
  func first_failure_is_thrown_and_cancels_the_rest(order: OutputOrder<Int>, width: Int) async throws {
    let atWork = Counter()
    await expect(throwing: Failure(element: 20)) {
      try await Pipeline(0..<1_000).mapAsync(width: width, order: order) { element in
        atWork.add(1)
        defer { atWork.add(-1) }
        if element == 20 { throw Failure(element: element) }
        // The others end only if they are cancelled.
        if element > 20 { await untilCancelled() }
        try Task.checkCancellation()
        return element
      }.forEach { _ in }
    }
    #expect(atWork.value == 0)
  }

  @Test func failure_is_not_masked_by_what_its_cancellations_cause() async throws {
    let waiting = Counter()
    await expect(throwing: Failure(element: 0)) {
      try await Pipeline(0..<8).mapAsync(width: 8) { element in
        if element == 0 {
          #expect(await eventually { waiting.value == 7 })
        } else {
          waiting.add()
          await untilCancelled()
        }
        throw Failure(element: element)
      }.forEach { _ in }
    }
  }

  @Test(arguments: 1...8)
  func more_failures_than_workers_do_not_hang(width: Int) async throws {
    for order in [OutputOrder<Int>.input, .input(window: 2), .completion] {
      await expect(throwing: Failure.self) {
        try await Pipeline(0..<1_000).mapAsync(width: width, order: order) { throw Failure(element: $0) }
          .forEach { (_: Int) in }
      }
    }
  }

  @Test func failure_of_a_fused_operator_is_thrown() async throws {
    let failing: @Sendable (Int) throws -> Int = { if $0 == 50 { throw Failure(element: 50) } else { $0 } }
    await expect(throwing: Failure(element: 50)) { try await Pipeline(0..<100).map(failing).collect() }
    await expect(throwing: Failure(element: 50)) {
      try await Pipeline(0..<100).filter { try failing($0) >= 0 }.mapAsync(width: 2) { $0 }.collect()
    }
    await expect(throwing: Failure(element: 50)) {
      try await Pipeline(0..<100).mapAsync(width: 2) { $0 }.compactMap(failing).mapAsync(width: 2) { $0 }.collect()
    }
  }

  @Test func failure_in_a_nested_stage_is_thrown() async throws {
    for failing in 0..<3 {
      var pipeline = Pipeline(0..<500)
      for stage in 0..<3 {
        pipeline = pipeline.mapAsync(width: 2, order: stage == 1 ? .completion : .input(window: 8)) { element in
          if stage == failing, element == 100 { throw Failure(element: stage) }
          return element
        }
      }
      await expect(throwing: Failure(element: failing)) { try await pipeline.forEach { _ in } }
    }
  }

  @Test(arguments: [FailurePolicy.failFast, .skip])
  func body_that_throws_ends_the_run_whatever_the_policy(policy: FailurePolicy) async throws {
    let seen = Log<Int>()
    await expect(throwing: Failure(element: 10)) {
      try await Pipeline(0...).mapAsync(width: 4) { $0 }.onFailure(policy).forEach { element in
        seen.append(element)
        if element == 10 { throw Failure(element: element) }
      }
    }
    #expect(seen.entries == Array(0...10))
  }

  // MARK: Skip

  @Test(arguments: [OutputOrder<Int>.input(window: 1), .input(window: 7), .input, .completion], [1, 3, 8])
  func skip_leaves_out_and_counts(order: OutputOrder<Int>, width: Int) async throws {
    let elements = Log<Int>()
    let report = try await Pipeline(0..<500).mapAsync(width: width, order: order) { element in
      await yieldAtRandom(1, element)
      if element % 3 == 0 { throw Failure(element: element) }
      return element
    }.onFailure(.skip).forEach { elements.append($0) }
    let expected = (0..<500).filter { $0 % 3 != 0 }
    #expect((order.keepsInputOrder ? elements.entries : elements.entries.sorted()) == expected)
    #expect(report.skipped == 500 - expected.count)
  }

  @Test(arguments: [OutputOrder<Int>.input(window: 1), .input(window: 7), .input, .completion], [1, 3, 8])
  func skip_when_everything_fails_leaves_an_empty_run(order: OutputOrder<Int>, width: Int) async throws {
    let report = try await Pipeline(0..<500).mapAsync(width: width, order: order) { element in
      await yieldAtRandom(1, element)
      throw Failure(element: element)
    }.onFailure(.skip).forEach { (_: Int) in Issue.record("an element that failed arrives") }
    #expect(report.skipped == 500)
  }

  @Test func skip_does_not_hold_for_cancellation_errors() async throws {
    await #expect(throws: CancellationError.self) {
      try await Pipeline(0..<100).mapAsync(width: 2) { element in
        if element == 50 { throw CancellationError() }
        return element
      }.onFailure(.skip).forEach { _ in }
    }
  }
}
