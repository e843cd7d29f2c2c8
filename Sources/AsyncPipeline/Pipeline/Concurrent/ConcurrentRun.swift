/// A concurrent stage in one run: its input queue, and its reorder buffer if it keeps the input's order.
@usableFromInline
struct ConcurrentRun<Input: Sendable, Output: Sendable, Resource>: Sendable {
  @usableFromInline typealias Stage = ConcurrentStage<Input, Output, Resource>

  @usableFromInline let stage: Stage
  @usableFromInline let instance: StageInstance<Input>
  @usableFromInline let input: StageInputQueue<Stage.Item>
  /// Nil for the order of completion, and for a single worker that cannot change the order.
  @usableFromInline let reorderBuffer: ReorderBuffer<Output>?

  @inlinable
  init(_ stage: Stage, _ instance: StageInstance<Input>) {
    (self.stage, self.instance) = (stage, instance)
    input = StageInputQueue(of: instance.counters, capacity: stage.capacity)
    let window = stage.isAlone ? nil : stage.window
    reorderBuffer = window.map { ReorderBuffer(window: $0, flushThreshold: stage.sharesExecutors ? nil : 1) }
  }

  @inlinable var counters: StageCounters { instance.counters }

  // MARK: The entrance

  /// For a task of the stage before.
  @inlinable
  func makeEntrance() -> Emitter<Input> {
    // Elements that may not wait for a worker do not wait for their batch either.
    var size = max(1, min(BatchBuffer<Input>.defaultSize, stage.readAhead ?? .max))
    if let window = stage.window {
      // A batch that is sorted by the starting key should be large. Four of them in the window keep the workers busy.
      let part = max(1, window / 4)
      size = stage.startingKey == nil ? min(size, part) : part
    }
    let previous = instance.upstream.stage
    return .batching(from: previous, to: counters, size: size) { batch in
      let first = try await admit(batch.count, from: previous)
      let items = stage.schedule(batch.enumerated().map { Stage.Item(number: first + $0.offset, element: $0.element) })
      try await input.send(items, from: previous)
    }
  }

  /// The number of the first of `count` elements; suspends until the window has room for all of them.
  @inlinable
  func admit(_ count: Int, from previous: StageCounters) async throws -> Int {
    guard let reorderBuffer else { return 0 }
    var numbers = reorderBuffer.tryAdmit(count)
    if numbers == nil { numbers = await previous.blocked.measure { await reorderBuffer.admit(count) } }
    if let numbers { return numbers.lowerBound }
    counters.take(count).cancel()
    throw CancellationError()
  }

  // MARK: Workers

  /// Runs the workers and what is before the stage.
  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    defer { ElementToken(of: counters, reorderBuffer?.remaining ?? 0).cancel() }
    if stage.sharesExecutors {
      try await PooledWorkers(self).run(makeEmitter)
    } else {
      try await runDirectly(makeEmitter)
    }
  }

  @inlinable
  func attempt(
    _ taken: consuming TakenElement<Stage.Item>, _ resource: Resource
  ) async throws -> TakenElement<Output>? {
    let element = taken.element.element
    return try await stage.work.attempt(element, taken.token, resource, instance.run)
  }
}
