@testable import AsyncPipeline

/// A `ReorderBuffer` without a pipeline around it: producers that are admitted, and workers that finish elements in
/// scrambled order and drain.
struct ReorderBufferRun: Sendable {
  let window: Int
  let producers: Int
  let workers: Int
  /// By each producer.
  let elements: Int
  let seed: Int
  /// Whether half of the attempts to be admitted are cancelled, soon.
  var cancels = false
  /// Whether a task that finishes nothing drains too, now and then.
  var flushes = false

  /// The numbers of those that left, in that order.
  let left = Log<Int>()
  /// Elements that were admitted and have not left.
  let inside = Counter()

  func go() async throws {
    let buffer = ReorderBuffer<Int>(window: window)
    let work = Channel<Int>(capacity: window)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<workers { group.addTask { try await finish(worker, work, buffer) } }
      if flushes { group.addTask { try await flush(buffer) } }
      await withTaskGroup(of: Void.self) { group in
        for producer in 0..<producers { group.addTask { await produce(producer, work, buffer) } }
      }
      work.finish()
      try await group.waitForAll()
    }
  }

  private func produce(_ producer: Int, _ work: Channel<Int>, _ buffer: ReorderBuffer<Int>) async {
    var generator = SeededGenerator(seed: seed &* 100 &+ producer)
    var rest = elements
    while rest > 0 {
      let count = min(rest, Int.random(in: 1...window, using: &generator))
      guard let numbers = await admit(count, buffer, &generator) else { continue }
      inside.add(count)
      await work.send(contentsOf: Array(numbers))
      rest -= count
    }
  }

  private func admit(
    _ count: Int, _ buffer: ReorderBuffer<Int>, _ generator: inout SeededGenerator
  ) async -> Range<Int>? {
    if !cancels { return await buffer.admit(count) }
    let delay = Int.random(in: 0...9, using: &generator)
    let attempt = Task { await buffer.admit(count) }
    if delay < 5 {
      for _ in 0..<delay { await Task.yield() }
      attempt.cancel()
    }
    return await attempt.value
  }

  private func finish(_ worker: Int, _ work: Channel<Int>, _ buffer: ReorderBuffer<Int>) async throws {
    let emitter = emitter()
    while true {
      var number = work.tryReceive()
      if number == nil {
        if buffer.finish([], threshold: 1) { try await buffer.drainInOrder(to: emitter) }
        number = await work.next()
      }
      guard let number else { return }
      await yieldAtRandom(seed, number)
      if buffer.finish([(number, number)]) { try await buffer.drainInOrder(to: emitter) }
    }
  }

  /// Until all have left.
  private func flush(_ buffer: ReorderBuffer<Int>) async throws {
    let emitter = emitter()
    var turn = 0
    while left.count < producers * elements {
      turn += 1
      await yieldAtRandom(seed, turn)
      if buffer.isWithholding, buffer.finish([], threshold: 1) { try await buffer.drainInOrder(to: emitter) }
      await Task.yield()
    }
  }

  private func emitter() -> Emitter<Int> {
    let batch = BatchBuffer<Int>(size: 4)
    return Emitter(
      stage: StageCounters(), accept: batch.append,
      flush: {
        let elements = batch.takeAll()
        await yieldAtRandom(seed, elements.first ?? 0)
        inside.add(-elements.count)
        left.append(contentsOf: elements)
      }, close: {})
  }
}
