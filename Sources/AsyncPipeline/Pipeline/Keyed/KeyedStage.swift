/// A stage of several workers that are never at work on elements of one key at the same time.
@usableFromInline
struct KeyedStage<Key: Hashable & Sendable, Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// One worker on each; nil is where the run was started.
  @usableFromInline let executors: [(any TaskExecutor)?]
  /// How many elements wait in the input queue, so that the stage before can continue while all workers are busy.
  @usableFromInline let queued: Int
  /// How many more elements wait in the queues of their keys.
  @usableFromInline let sorted: Int
  @usableFromInline let key: @Sendable (Input) -> Key
  @usableFromInline let resources: WorkerResources<Resource>
  @usableFromInline let work: ElementWork<Input, Output, Resource>

  /// - Parameter stage: has its bounds: see ``ConcurrentStage/fitted(behind:)``.
  @inlinable
  init(_ stage: ConcurrentStage<Input, Output, Resource>, key: @escaping @Sendable (Input) -> Key) {
    let readAhead = stage.waiting
    queued = (readAhead + 1) / 2
    sorted = readAhead - queued
    (executors, self.key, resources, work) = (stage.executors, key, stage.resources, stage.work)
  }

  @inlinable
  func run(_ instance: StageInstance<Input>, _ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    let input = StageInputQueue<Input>(of: instance.counters, capacity: queued)
    let queue = KeyedWorkQueue(input: input, limit: executors.count + sorted, key: key)
    defer { ElementToken(of: instance.counters, queue.remaining).cancel() }
    try await instance.runWorkers(on: executors, from: input, batchSize: queued) {
      do {
        try await resources.with(instance) { resource in
          try await withEmitter(makeEmitter) { emitter in try await work(queue, resource, instance, emitter) }
        }
      } catch {
        queue.end()
        throw error
      }
    }
  }

  @inlinable
  func work(
    _ queue: KeyedWorkQueue<Key, Input>, _ resource: Resource, _ instance: StageInstance<Input>,
    _ emitter: Emitter<Output>
  ) async throws {
    while let (key, element) = await queue.next() {
      let token = ElementToken(of: instance.counters)
      try Task.checkCancellation()
      instance.counters.add(attempts: 1)
      if let output = try await work.attempt(element, token, resource, instance.run) {
        try await emitter.emit(output.element, output.token)
        // Before the next element of the key may begin.
        try await emitter.flush()
      }
      queue.finish(key)
      // In case that nothing made it wait.
      await Task.yield()
    }
    try Task.checkCancellation()
  }
}
