extension Pipeline {
  /// The elements of an asynchronous sequence, in order.
  ///
  /// - *emits* each element without waiting for the next
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* with the sequence
  /// - *on cancel* requests no more elements; a drained run cancels the sequence's pending `next()` only
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
          // Cancels the child only while it waits for an element: in a drained run, emitted elements must arrive.
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
  /// Emits all elements of a sequence.
  ///
  /// - Returns: an element that arrived although the wait for it was interrupted. The task is cancelled then, so the
  ///   element must be emitted by another task.
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
          // A cancelled sequence may end as if it were complete. The stages behind must not mistake it for that.
          if !isInterrupted { try Task.checkCancellation() }
          return
        }
        stage.add(input: 1)
        if isInterrupted {
          last = element
          return
        }
        try await emitter.emit(element)
        // The next element may take any time to arrive.
        try await emitter.flush()
      }
    }
    return last
  }
}
