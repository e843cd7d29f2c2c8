extension Pipeline {
  /// Elements that a function makes, by the batch, on an executor of the caller's: a source that may block, given a
  /// thread that it may block.
  ///
  /// - *emits* the elements of each batch before it asks for the next: a function that must wait returns what it has
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* when the function returns nil
  /// - *on cancel* it asks for no more batches
  /// - *on failure* of the function the run ends, whatever the policy
  ///
  /// - Parameters:
  ///   - executor: where `begin` and the function run.
  ///   - begin: called once a run; returns the function, which returns the next elements, or nil at the end.
  @inlinable
  public init(on executor: any TaskExecutor, batches begin: @escaping @Sendable () -> (() throws -> [Element]?)) {
    self.init("source", on: { executor }, batches: begin)
  }

  /// The same on an executor that is had when the run begins.
  ///
  /// - Parameter makeExecutor: called once a run; if it throws the run ends.
  @inlinable
  package init(
    _ name: String, on makeExecutor: @escaping @Sendable () throws -> any TaskExecutor,
    batches begin: @escaping @Sendable () -> (() throws -> [Element]?)
  ) {
    self.init { run in
      let stage = run.addStage(name)
      return Producer(stage: stage) { makeEmitter in
        let executor: any TaskExecutor
        do {
          executor = try makeExecutor()
        } catch {
          throw run.fatal(error, in: stage)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask(executorPreference: executor) {
            try await stage.life.measure {
              try await withEmitter(makeEmitter) { emitter in
                let next = begin()
                while !run.isDraining {
                  let batch: [Element]?
                  do {
                    batch = try next()
                  } catch {
                    throw run.fatal(error, in: stage)
                  }
                  guard let batch else { return }
                  stage.add(input: batch.count)
                  try await emitter.emit(contentsOf: batch)
                  // The function may have to wait for the next batch.
                  try await emitter.flush()
                }
              }
            }
          }
          try await group.next()
        }
      }
    }
  }
}
