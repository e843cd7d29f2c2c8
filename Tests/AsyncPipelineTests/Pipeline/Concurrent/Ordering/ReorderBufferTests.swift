import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ReorderBufferTests {
  @Test(arguments: [1, 2, 3, 8, 64])
  func elements_leave_in_the_order_in_which_they_came(window: Int) async throws {
    for seed in 0..<4 {
      let run = ReorderBufferRun(window: window, producers: 1, workers: 8, elements: 1_000, seed: seed)
      try await run.go()
      let left = run.left.entries
      #expect(left == Array(0..<1_000), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func elements_of_several_producers_leave_by_number_and_within_the_window(window: Int) async throws {
    for seed in 0..<4 {
      let run = ReorderBufferRun(window: window, producers: 3, workers: 4, elements: 300, seed: seed)
      try await run.go()
      #expect(run.left.entries == Array(0..<900), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func producers_continue_when_others_are_cancelled(window: Int) async throws {
    for seed in 0..<4 {
      let run = ReorderBufferRun(window: window, producers: 4, workers: 4, elements: 200, seed: seed, cancels: true)
      try await run.go()
      #expect(run.left.entries == Array(0..<800), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2, 8, 64])
  func elements_leave_in_order_when_another_task_drains_too(window: Int) async throws {
    for seed in 0..<4 {
      let run = ReorderBufferRun(window: window, producers: 2, workers: 4, elements: 300, seed: seed, flushes: true)
      try await run.go()
      #expect(run.left.entries == Array(0..<600), "seed \(seed)")
      #expect(run.inside.highest <= window, "seed \(seed)")
    }
  }

  @Test func admit_when_the_task_is_cancelled_is_nil() async {
    let buffer = ReorderBuffer<Int>(window: 2)
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      #expect(await buffer.admit(1) == nil)
    }.value
    // Nor has it taken a number.
    #expect(await buffer.admit(2) == 0..<2)
    let waiting = await QueueExecutor().suspendedTask { await buffer.admit(1) }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }

  @Test func admit_when_others_wait_waits_behind_them() async throws {
    let buffer = ReorderBuffer<Int>(window: 3)
    #expect(await buffer.admit(2) == 0..<2)
    let executor = QueueExecutor()
    let large = await executor.suspendedTask { await buffer.admit(3) }
    let small = await executor.suspendedTask { await buffer.admit(1) }
    try await buffer.finishAll(0..<2)
    #expect(await large.value == 2..<5)
    try await buffer.finishAll(2..<5)
    #expect(await small.value == 5..<6)
  }

  @Test func cancelling_a_producer_lets_those_behind_it_in() async throws {
    let buffer = ReorderBuffer<Int>(window: 3)
    #expect(await buffer.admit(2) == 0..<2)
    let executor = QueueExecutor()
    let large = await executor.suspendedTask { await buffer.admit(3) }
    let small = await executor.suspendedTask { await buffer.admit(1) }
    large.cancel()
    #expect(await large.value == nil)
    #expect(await small.value == 2..<3)
  }

  @Test func producer_cancelled_when_it_was_just_served_leaves_no_producer_waiting() async throws {
    let buffer = ReorderBuffer<Int>(window: 2)
    #expect(await buffer.admit(2) == 0..<2)
    let executor = QueueExecutor()
    let served = await executor.suspendedTask { await buffer.admit(2) }
    let behind = await QueueExecutor().suspendedTask { await buffer.admit(1) }
    executor.pause()
    try await buffer.finishAll(0..<2)
    served.cancel()
    executor.goOn()
    if let numbers = await served.value { try await buffer.finishAll(numbers) }
    #expect(await behind.value != nil)
  }
}

extension ReorderBuffer<Int> {
  /// Finishes elements, and discards them.
  fileprivate func finishAll(_ numbers: Range<Int>) async throws {
    let nowhere = Emitter<Int>(stage: StageCounters(), accept: { _ in false }, flush: {}, close: {})
    for number in numbers where finish([(number, number)]) { try await drainInOrder(to: nowhere) }
  }
}
