extension StageInstance {
  /// Runs what is before the stage in one task, and workers in others.
  ///
  /// Returns when all of them have ended. The first failure cancels the others and is thrown. What is left in the queue
  /// is counted as cancelled.
  ///
  /// - Parameters:
  ///   - input: that the workers take elements from.
  ///   - executors: one worker on each; nil is where the run was started.
  ///   - makeEntrance: called by each task of the stage before.
  ///   - worker: accounts for each element that it took.
  @inlinable
  func runWorkers<Item: Sendable>(
    on executors: [(any TaskExecutor)?], from input: StageInputQueue<Item>,
    entrance makeEntrance: @escaping EmitterFactory<Input>,
    _ worker: @escaping @Sendable () async throws -> Void
  ) async throws {
    defer { input.countRemainingAsCancelled() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await upstream.produce(makeEntrance)
        input.finish()
      }
      for executor in executors {
        group.addTask(on: executor) { try await counters.life.measure { try await worker() } }
      }
      while try await group.next() != nil {}
    }
  }

  /// The same for workers that take what the stage before emits.
  ///
  /// - Parameter batchSize: how many elements the stage before hands over together, clipped to 1 and to
  ///   ``BatchBuffer/defaultSize``; 1 if elements must not wait for one another.
  @inlinable
  func runWorkers(
    on executors: [(any TaskExecutor)?], from input: StageInputQueue<Input>, batchSize: Int,
    _ worker: @escaping @Sendable () async throws -> Void
  ) async throws {
    let size = max(1, min(batchSize, BatchBuffer<Input>.defaultSize))
    let upstream = upstream
    try await runWorkers(
      on: executors, from: input, entrance: { input.makeEmitter(from: upstream.stage, size: size) }, worker)
  }

  /// Runs the stage as one task behind a queue.
  ///
  /// - Parameters:
  ///   - capacity: of the queue.
  ///   - batchSize: as for ``runWorkers(on:from:batchSize:_:)``.
  ///   - executor: of the stage's task; by default where the run was started.
  ///   - body: takes elements from the queue until there are none, and accounts for each that it took. The emitter is
  ///     flushed when it returns.
  @inlinable
  func serve<Output>(
    capacity: Int, batchSize: Int = BatchBuffer<Input>.defaultSize, on executor: (any TaskExecutor)? = nil,
    _ makeEmitter: @escaping EmitterFactory<Output>,
    _ body: @escaping @Sendable (StageInputQueue<Input>, Emitter<Output>) async throws -> Void
  ) async throws {
    try await serve(capacity: capacity, batchSize: batchSize, on: executor) { input in
      try await withEmitter(makeEmitter) { emitter in try await body(input, emitter) }
    }
  }

  /// The same for a stage that emits nothing: a sink.
  @inlinable
  func serve(
    capacity: Int, batchSize: Int = BatchBuffer<Input>.defaultSize, on executor: (any TaskExecutor)? = nil,
    _ body: @escaping @Sendable (StageInputQueue<Input>) async throws -> Void
  ) async throws {
    let input = StageInputQueue<Input>(of: counters, capacity: capacity)
    try await runWorkers(on: [executor], from: input, batchSize: batchSize) { try await body(input) }
  }

  /// The same behind a queue that the stage has made.
  ///
  /// - Parameter makeEntrance: called by each task of the stage before.
  @inlinable
  func serve<Item: Sendable>(
    _ input: StageInputQueue<Item>, on executor: (any TaskExecutor)? = nil,
    entrance makeEntrance: @escaping EmitterFactory<Input>,
    _ body: @escaping @Sendable (StageInputQueue<Item>) async throws -> Void
  ) async throws {
    try await runWorkers(on: [executor], from: input, entrance: makeEntrance) { try await body(input) }
  }
}

extension ThrowingTaskGroup<Void, any Error> {
  /// Adds a child task that runs on an executor; nil is where its parent's tasks run.
  ///
  /// With `addTask(executorPreference:)` a nil does not mean that (Swift 6.3): the task then begins on the global
  /// executor, and continues where its parent prefers only after its first suspension.
  @inlinable
  mutating func addTask(
    on executor: (any TaskExecutor)?, _ operation: @escaping @Sendable @isolated(any) () async throws -> Void
  ) {
    if let executor {
      addTask(executorPreference: executor, operation: operation)
    } else {
      addTask(operation: operation)
    }
  }
}
