extension Pipeline {
  /// The elements of a sequence, in order.
  @inlinable
  public init(_ elements: some Sequence<Element> & Sendable) {
    self.init(stageNames: ["source"]) { run, makeEmitter in
      let counters = run.counters(ofStage: 0)
      let emitter = makeEmitter(counters)
      for element in elements { try await emitter.emit(element) }
      try await emitter.flush()
    }
  }

  /// The elements of an asynchronous sequence, in order. What the sequence throws ends the run, whatever the policy.
  @inlinable
  public init<Elements: AsyncSequence & Sendable>(_ elements: Elements) where Elements.Element == Element {
    self.init(stageNames: ["source"]) { run, makeEmitter in
      let counters = run.counters(ofStage: 0)
      let emitter = makeEmitter(counters)
      do {
        for try await element in elements {
          try await emitter.emit(element)
          // Who knows when the next one comes.
          try await emitter.flush()
        }
      } catch {
        run.note(error)
        throw error
      }
    }
  }

  /// Elements that a function makes, by the batch, on an executor of the caller's: a source that may block, given a thread
  /// that it may block.
  ///
  /// - Parameters:
  ///   - executor: where `begin` and the function run.
  ///   - begin: called once a run; returns the function, which returns the next elements, or nil at the end.
  @inlinable
  public init(on executor: any TaskExecutor, batches begin: @escaping @Sendable () -> (() throws -> [Element]?)) {
    self.init(stageNames: ["source"]) { run, makeEmitter in
      let counters = run.counters(ofStage: 0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: executor) {
          let next = begin()
          let emitter = makeEmitter(counters)
          do {
            while let batch = try next() {
              try await emitter.emit(contentsOf: batch)
            }
          } catch {
            run.note(error)
            throw error
          }
          try await emitter.flush()
        }
        try await group.next()
      }
    }
  }
}
