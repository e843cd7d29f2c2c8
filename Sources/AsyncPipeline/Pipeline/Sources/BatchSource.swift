extension Pipeline {
  /// The elements that a function returns in batches, on the given executor: for a source that blocks, which needs a
  /// thread of its own.
  ///
  /// - *emits* the elements of each batch before it requests the next. A function that must wait should therefore
  ///   return the elements that it has first
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* when the function returns nil
  /// - *on cancel* requests no more batches
  /// - *on failure* of the function the run ends, whatever the policy
  ///
  /// - Parameters:
  ///   - executor: where `begin` and the function run.
  ///   - begin: called once per run; returns the function, which returns the next elements, or nil at the end.
  @inlinable
  public init(on executor: any TaskExecutor, batches begin: @escaping @Sendable () -> (() throws -> [Element]?)) {
    self.init("source", on: { executor }, batches: begin)
  }

  /// The same on an executor that is created when the run begins.
  ///
  /// - Parameter makeExecutor: called once per run; if it throws the run ends.
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
