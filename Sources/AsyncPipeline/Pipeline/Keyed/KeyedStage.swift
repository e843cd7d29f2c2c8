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
    let inlet = Inlet<Input>(of: instance.counters, capacity: queued)
    let lane = KeyedLane(inlet: inlet, limit: executors.count + sorted, key: key)
    defer { instance.counters.add(cancelled: lane.unfinished) }
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
    _ lane: KeyedLane<Key, Input>, _ resource: Resource, _ instance: StageInstance<Input>, _ emitter: Emitter<Output>
  ) async throws {
    let counters = instance.counters
    while let (key, element) = await lane.next() {
      if Task.isCancelled {
        counters.add(cancelled: 1)
        throw CancellationError()
      }
      counters.add(attempts: 1)
      if let output = try await work.attempt(element, resource, instance.run, counters) {
        try await emitter.emit(output)
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
