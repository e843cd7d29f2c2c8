extension Pipeline {
  /// The elements of a sequence, in order.
  ///
  /// - *emits* all elements of the sequence, asking for the next one when the one before has gone
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* with the sequence
  /// - *on cancel* it asks for no more elements
  /// - *on failure* a sequence cannot fail
  @inlinable
  public init(_ elements: some Sequence<Element> & Sendable) {
    self.init { run in
      let stage = run.addStage("source")
      return Producer(stage: stage) { makeEmitter in
        try await stage.life.measure {
          try await withEmitter(makeEmitter) { emitter in
            try await emitter.draw(from: elements, run)
          }
        }
      }
    }
  }

  /// The elements of an asynchronous sequence, in order.
  ///
  /// - *emits* each element without waiting for the next
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* with the sequence
  /// - *on cancel* it asks for no more elements
  /// - *on failure* of the sequence the run ends, whatever the policy
  @inlinable
  public init<Elements: AsyncSequence & Sendable>(_ elements: Elements) where Elements.Element == Element {
    self.init { run in
      let stage = run.addStage("source")
      return Producer(stage: stage) { makeEmitter in
        try await stage.life.measure {
          try await withEmitter(makeEmitter) { emitter in
            var iterator = elements.makeAsyncIterator()
            while !run.isDraining {
              let next: Element?
              do {
                next = try await iterator.next(isolation: nil)
              } catch {
                throw run.fatal(error, in: stage)
              }
              guard let next else { return }
              stage.add(input: 1)
              try await emitter.emit(next)
              // Who knows when the next one comes.
              try await emitter.flush()
            }
          }
        }
      }
    }
  }

  /// Elements that a function makes, by the batch, on an executor of the caller's: a source that may block, given a thread
  /// that it may block.
  ///
  /// - *emits* the elements of each batch before it asks for the next
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
    self.init { run in
      let stage = run.addStage("source")
      return Producer(stage: stage) { makeEmitter in
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

extension Emitter {
  /// How many elements are taken between two looks at the task, in case none of them made it suspend.
  @inlinable static var elementsPerLook: Int { 64 }

  /// For a source: takes all elements of a sequence, and counts them as the stage's input.
  @inlinable
  func draw(from elements: some Sequence<Element>, _ run: PipelineRun) async throws {
    var drawn = 0
    defer { stage.add(input: drawn) }
    for element in elements {
      drawn += 1
      if try accept(element) {
        stage.add(input: drawn)
        drawn = 0
        try await flush()
      }
      if drawn % Self.elementsPerLook == 0 {
        try Task.checkCancellation()
        if run.isDraining { return }
      }
    }
  }
}
