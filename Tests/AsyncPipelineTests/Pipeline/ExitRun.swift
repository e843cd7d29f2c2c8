@testable import AsyncPipeline

/// An `OrderedExit` at work, without a pipeline around it: producers that are admitted, workers that finish in
/// scrambled order, and whoever is told to passes on.
struct ExitRun: Sendable {
  let window: Int
  let producers: Int
  let workers: Int
  /// By each producer.
  let elements: Int
  let seed: Int
  /// Whether half of the attempts to come in are cancelled, soon.
  var cancels = false
  /// Whether a task that finishes nothing passes on too, now and then.
  var flushes = false

  /// The numbers of those that left, in that order.
  let left = Log<Int>()
  /// Elements that were admitted and have not left.
  let inside = Counter()

  func go() async throws {
    let exit = OrderedExit<Int>(window: window)
    let work = Channel<Int>(capacity: window)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<workers { group.addTask { try await finish(worker, work, exit) } }
      if flushes { group.addTask { try await flush(exit) } }
      await withTaskGroup(of: Void.self) { group in
        for producer in 0..<producers { group.addTask { await produce(producer, work, exit) } }
      }
      work.finish()
      try await group.waitForAll()
    }
  }

  private func produce(_ producer: Int, _ work: Channel<Int>, _ exit: OrderedExit<Int>) async {
    var generator = SeededGenerator(seed: seed &* 100 &+ producer)
    var rest = elements
    while rest > 0 {
      let count = min(rest, Int.random(in: 1...window, using: &generator))
      guard let numbers = await admit(count, exit, &generator) else { continue }
      inside.add(count)
      await work.send(contentsOf: Array(numbers))
      rest -= count
    }
  }

  private func admit(
    _ count: Int, _ exit: OrderedExit<Int>, _ generator: inout SeededGenerator
  ) async -> Range<Int>? {
    if !cancels { return await exit.admit(count) }
    let delay = Int.random(in: 0...9, using: &generator)
    let attempt = Task { await exit.admit(count) }
    if delay < 5 {
      for _ in 0..<delay { await Task.yield() }
      attempt.cancel()
    }
    return await attempt.value
  }

  private func finish(_ worker: Int, _ work: Channel<Int>, _ exit: OrderedExit<Int>) async throws {
    let emitter = emitter()
    while true {
      var number = work.tryReceive()
      if number == nil {
        if exit.finish([], enough: 1) { try await exit.passOn(emitter) }
        number = await work.next()
      }
      guard let number else { return }
      await yieldAtRandom(seed, number)
      if exit.finish([(number, number)]) { try await exit.passOn(emitter) }
    }
  }

  /// Until all have left.
  private func flush(_ exit: OrderedExit<Int>) async throws {
    let emitter = emitter()
    var turn = 0
    while left.count < producers * elements {
      turn += 1
      await yieldAtRandom(seed, turn)
      if exit.isWithholding, exit.finish([], enough: 1) { try await exit.passOn(emitter) }
      await Task.yield()
    }
  }

  private func emitter() -> Emitter<Int> {
    let buffer = BatchBuffer<Int>(size: 4)
    return Emitter(
      stage: StageCounters(), accept: buffer.append,
      flush: {
        let batch = buffer.takeAll()
        await yieldAtRandom(seed, batch.first ?? 0)
        inside.add(-batch.count)
        left.append(contentsOf: batch)
      }, close: {})
  }
}
