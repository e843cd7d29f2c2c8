/// Workers none of which has an element of a key that another one has.
@usableFromInline
struct KeyedStage<Key: Hashable & Sendable, Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// One worker on each; nil is where the run was started.
  @usableFromInline let executors: [(any TaskExecutor)?]
  /// How many elements wait in the queue, which nobody has looked at yet: so that the stage before can go on while all
  /// workers are busy.
  @usableFromInline let queued: Int
  /// How many more wait until their keys are free.
  @usableFromInline let sorted: Int
  @usableFromInline let key: @Sendable (Input) -> Key
  @usableFromInline let resources: WorkerResources<Resource>
  @usableFromInline let work: ElementWork<Input, Output, Resource>

  /// - Parameter stage: one that was fitted.
  @inlinable
  init(_ stage: ConcurrentStage<Input, Output, Resource>, key: @escaping @Sendable (Input) -> Key) {
    let readAhead = stage.waiting
    queued = (readAhead + 1) / 2
    sorted = readAhead - queued
    (executors, self.key, resources, work) = (stage.executors, key, stage.resources, stage.work)
  }

  @inlinable
  func run(_ instance: StageInstance<Input>, _ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    let inlet = StageInputQueue<Input>(of: instance.counters, capacity: queued)
    let lane = KeyedWorkQueue(inlet: inlet, limit: executors.count + sorted, key: key)
    defer { ElementToken(of: instance.counters, lane.unfinished).cancel() }
    try await instance.runWorkers(on: executors, from: inlet, batchSize: queued) {
      do {
        try await resources.with(instance) { resource in
          try await withEmitter(makeEmitter) { emitter in try await work(lane, resource, instance, emitter) }
        }
      } catch {
        lane.abandon()
        throw error
      }
    }
  }

  @inlinable
  func work(
    _ lane: KeyedWorkQueue<Key, Input>, _ resource: Resource, _ instance: StageInstance<Input>, _ emitter: Emitter<Output>
  ) async throws {
    while let (key, element) = await lane.next() {
      let token = ElementToken(of: instance.counters)
      try Task.checkCancellation()
      instance.counters.add(attempts: 1)
      if let output = try await work.attempt(element, token, resource, instance.run) {
        try await emitter.emit(output.element, output.token)
        // Before the next of its key may begin.
        try await emitter.flush()
      }
      lane.finish(key)
      // In case that nothing made it wait.
      await Task.yield()
    }
    try Task.checkCancellation()
  }
}
