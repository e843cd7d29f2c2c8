extension PipelineProtocol {
  /// Passes the elements through a stage that is a type of its own.
  ///
  /// - *emits* what the stage does, each element at once, or as ``Stage/emitsTogether`` says. One worker keeps the
  ///   order in which the stage emits; there is no order between several workers
  /// - *suspends* the stage before it while `width` elements are at work and 16 for each worker wait, 256 where they
  ///   are emitted together, or fewer as ``Pipeline`` says; where it emits, while the stage behind has no room
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
      if let note { instance.counters.note(note) }
      try await instance.runWorkers(of: stage, on: Array(repeating: nil, count: count), makeEmitter)
    }
  }

  /// The same, with one worker, on an executor that the run's resource has.
  ///
  /// - Parameters:
  ///   - make: makes the resource if no stage before has.
  ///   - executor: called once when the stage begins; nil is where the run was started.
  @inlinable
  package func through<S: Stage, R: RunResource>(
    _ stage: S, sharing make: @escaping @Sendable () -> R,
    on executor: @escaping @Sendable (R) -> (any TaskExecutor)?
  ) -> Pipeline<S.Output> where S.Input == Element {
    erased.stage(stage.name, sharing: make) { resource, instance, makeEmitter in
      try await instance.runWorkers(of: stage, on: [executor(resource)], makeEmitter)
    }
  }
}

extension StageInstance {
  /// Runs what is before the stage, and a worker on each executor; nil is where the run was started.
  @inlinable
  func runWorkers<S: Stage>(
    of stage: S, on executors: [(any TaskExecutor)?], _ makeEmitter: @escaping EmitterFactory<S.Output>
  ) async throws where S.Input == Input {
    let forEach =
      stage.emitsTogether
      ? 4 * BatchBuffer<Input>.defaultSize : ConcurrentStage<Input, S.Output, Void>.readAheadPerWorker
    let readAhead = upstream.bound.limit(executors.count * forEach, of: Input.self)
    let input = StageInputQueue<Input>(of: counters, capacity: readAhead)
    try await runWorkers(on: executors, from: input, batchSize: readAhead) { try await work(stage, input, makeEmitter) }
  }

  /// One worker: takes elements until there are none.
  @concurrent
  @inlinable
  func work<S: Stage>(_ stage: S, _ input: StageInputQueue<Input>, _ makeEmitter: EmitterFactory<S.Output>) async throws
  where S.Input == Input {
    var stage = stage
    let emitter = makeEmitter()
    defer { emitter.close() }
    let (ledger, pace, emitsTogether) = (StageLedger(run, counters), EmissionPace(), stage.emitsTogether)
    let queue = StageContext<S.Output>.Delivery.queue { output in
      ledger.takeOpen().handOver()
      let isTurnOver = pace.addOutput()
      let mustFlush = try emitsTogether ? emitter.accept(output) : emitter.pass(output)
      return mustFlush || isTurnOver
    }
    let context = StageContext<S.Output>(ledger, to: queue) {
      try await emitter.flush()
      // In case that the flush did not wait: one element may become any number.
      if pace.endTurn() { await Task.yield() }
    }
    var isComplete = false
    defer { ledger.close(isComplete: isComplete) }
    while true {
      var next = input.tryReceive()
      let isQuiet = pace.addElement()
      // What is withheld leaves before the worker waits, and before it takes many elements that it drops.
      if emitsTogether && (next == nil || isQuiet) { try await emitter.flush() }
      if next == nil { next = await input.receive() }
      guard let taken = next else { break }
      let element = taken.element
      ledger.open.merge(taken.token)
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

/// Counts the outputs of one worker: when other tasks get a turn, and when withheld outputs leave.
@usableFromInline
final class EmissionPace {
  /// Since other tasks had a turn.
  @usableFromInline var outputs = 0
  /// Elements since the last output.
  @usableFromInline var quietElements = 0

  @inlinable
  init() {}

  /// - Returns: whether other tasks get a turn.
  @inlinable
  func addOutput() -> Bool {
    outputs += 1
    quietElements = 0
    return outputs >= WorkerTurns.elementsWhereCallerRuns
  }

  /// Whether other tasks get a turn now.
  @inlinable
  func endTurn() -> Bool {
    if outputs < WorkerTurns.elementsWhereCallerRuns { return false }
    outputs = 0
    return true
  }

  /// - Returns: whether outputs that wait for others should leave, because none has come for many elements.
  @inlinable
  func addElement() -> Bool {
    quietElements += 1
    return quietElements % BatchBuffer<Void>.defaultSize == 0
  }
}
