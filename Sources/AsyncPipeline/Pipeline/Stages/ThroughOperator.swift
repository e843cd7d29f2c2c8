extension PipelineProtocol {
  /// Passes the elements through a stage that is a type of its own.
  ///
  /// - *emits* what the stage does, each element at once. With one worker their order is that in which the stage emits
  ///   them; each of several has its own, and there is none between them
  /// - *suspends* the stage before it while `width` elements are at work and 16 for each worker wait, or fewer as
  ///   ``Pipeline`` says; the stage itself, where it emits, while the stage behind has no room
  /// - *finishes* when the stage has, in all workers
  /// - *on cancel* the workers are cancelled, and waited for; what the stage keeps is counted as cancelled
  /// - *on failure* of ``Stage/process(_:in:)``: as the pipeline's policy says. If ``Stage/finish(in:)`` throws the run
  ///   ends, whatever the policy
  ///
  /// - Parameters:
  ///   - stage: each worker has a copy of it, from the worker's beginning to its end.
  ///   - width: how many workers there are; at least 1, or `.automatic`. With several each has a state of its own, and
  ///     gets any of the elements.
  @inlinable
  public func through<S: Stage>(_ stage: S, width: some StageWidth = 1) -> Pipeline<S.Output>
  where S.Input == Element {
    let (count, note) = width.checked()
    return erased.stage(stage.name) { instance, makeEmitter in
      let readAhead = instance.upstream.bound.limit(
        count * ConcurrentStage<Element, S.Output, Void>.readAheadPerWorker, of: Element.self)
      if let note { instance.counters.note(note) }
      let inlet = Inlet<Element>(of: instance.counters, capacity: readAhead)
      defer { inlet.sweep() }
      try await instance.feed(inlet, batchSize: readAhead, Array(repeating: nil, count: count)) {
        try await instance.work(stage, inlet, makeEmitter)
      }
    }
  }
}

extension StageInstance {
  /// One worker: takes elements until there are none.
  @concurrent
  @inlinable
  func work<S: Stage>(_ stage: S, _ inlet: Inlet<Input>, _ makeEmitter: EmitterFactory<S.Output>) async throws
  where S.Input == Input {
    var stage = stage
    let emitter = makeEmitter()
    defer { emitter.close() }
    let (ledger, outputs) = (StageLedger(run, counters), LocalCount())
    let outputsPerTurn = ConcurrentStage<Input, S.Output, Void>.elementsPerTurnAlone
    let context = StageContext<S.Output>(ledger) { output in
      ledger.settle()
      if try emitter.pass(output) { try await emitter.flush() }
      // In case that nothing makes it wait: one element may become any number.
      outputs.value += 1
      if outputs.value % outputsPerTurn == 0 { await Task.yield() }
    }
    var isComplete = false
    defer { ledger.close(isComplete: isComplete) }
    while let element = await inlet.receive() {
      ledger.open += 1
      try Task.checkCancellation()
      counters.add(attempts: 1)
      try await ledger.process(element, by: &stage, in: context)
    }
    try Task.checkCancellation()
    try await ledger.finish(&stage, in: context)
    isComplete = true
    try await emitter.flush()
  }
}
