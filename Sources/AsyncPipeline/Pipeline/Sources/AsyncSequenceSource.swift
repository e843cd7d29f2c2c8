extension Pipeline {
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
        let pull = InterruptibleWait()
        run.onDrain { pull.interrupt() }
        let last = try await withThrowingTaskGroup(of: Element?.self) { group in
          group.addTask {
            defer { pull.finish() }
            return try await stage.life.measure {
              try await pull.emitAll(of: elements, makeEmitter, run, stage)
            }
          }
          // Cancels the wait for an element, and nothing else: in a run that is drained what was emitted must arrive.
          await pull.untilInterrupted()
          group.cancelAll()
          return try await group.next() ?? nil
        }
        guard let last else { return }
        try await withEmitter(makeEmitter) { try await $0.emit(last) }
      }
    }
  }
}

extension InterruptibleWait {
  /// - Returns: an element that came when its wait had been interrupted. The task has been cancelled then, so that
  ///   others must emit it.
  @inlinable
  func emitAll<Elements: AsyncSequence>(
    of elements: Elements, _ makeEmitter: EmitterFactory<Elements.Element>, _ run: PipelineRun, _ stage: StageCounters
  ) async throws -> Elements.Element? {
    var last: Elements.Element?
    try await withEmitter(makeEmitter) { emitter in
      var iterator = elements.makeAsyncIterator()
      while begin() {
        let element: Elements.Element?
        do {
          element = try await iterator.next(isolation: nil)
        } catch {
          if !end() { return }
          throw run.fatal(error, in: stage)
        }
        let isInterrupted = !end()
        guard let element else {
          // A sequence that is cancelled may end as if it were complete; the stages behind must not take it for that.
          if !isInterrupted { try Task.checkCancellation() }
          return
        }
        stage.add(input: 1)
        if isInterrupted {
          last = element
          return
        }
        try await emitter.emit(element)
        // Who knows when the next one comes.
        try await emitter.flush()
      }
    }
    return last
  }
}
