extension PipelineProtocol {
  /// Passes the elements through a stage that is a type of its own.
  ///
  /// - *emits* what the stage does, each element at once, or as ``Stage/emitsTogether`` says. With one worker their order
  ///   is that in which the stage emits them; each of several has its own, and there is none between them
  /// - *suspends* the stage before it while `width` elements are at work and 16 for each worker wait, 256 where they are
  ///   emitted together, or fewer as ``Pipeline`` says; the stage itself, where it emits, while the stage behind has no
  ///   room
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
  ///   - make: makes the resource if no stage before this one has.
  ///   - executor: called once when the stage begins; nil is where the run was started.
  @inlinable
  package func through<S: Stage, R: RunResource>(
    _ stage: S, sharing make: @escaping @Sendable () -> R,
    on executor: @escaping @Sendable (R) -> (any TaskExecutor)?
  ) -> Pipeline<S.Output> where S.Input == Element {
    let pipeline = erased
    return Pipeline<S.Output>(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let resource = run.resource(orKeeping: make)
      let instance = StageInstance(run: run, upstream: upstream, counters: run.addStage(stage.name))
      return Producer(stage: instance.counters, bound: upstream.bound.behind) { makeEmitter in
        try await instance.runWorkers(of: stage, on: [executor(resource)], makeEmitter)
      }
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
    let inlet = StageInputQueue<Input>(of: counters, capacity: readAhead)
    try await runWorkers(on: executors, from: inlet, batchSize: readAhead) { try await work(stage, inlet, makeEmitter) }
  }

  /// One worker: takes elements until there are none.
  @concurrent
  @inlinable
  func work<S: Stage>(_ stage: S, _ inlet: StageInputQueue<Input>, _ makeEmitter: EmitterFactory<S.Output>) async throws
  where S.Input == Input {
    var stage = stage
    let emitter = makeEmitter()
    defer { emitter.close() }
    let (ledger, outputs, emitsTogether) = (StageLedger(run, counters), LocalCount(), stage.emitsTogether)
    let outputsPerTurn = WorkerTurns.elementsWhereCallerRuns
    let queue = StageContext<S.Output>.Delivery.queue { output in
      ledger.takeOpen().handOver()
      outputs.value += 1
      let mustFlush = try emitsTogether ? emitter.accept(output) : emitter.pass(output)
      return mustFlush || outputs.value >= outputsPerTurn
    }
    let context = StageContext<S.Output>(ledger, to: queue) {
      try await emitter.flush()
      // In case that nothing makes it wait: one element may become any number.
      if outputs.value >= outputsPerTurn {
        outputs.value = 0
        await Task.yield()
      }
    }
    var isComplete = false
    defer { ledger.close(isComplete: isComplete) }
    // Elements since the last that something was emitted for, and how much there was then.
    var (quiet, emitted) = (0, 0)
    while true {
      var next = inlet.tryReceive()
      if outputs.value != emitted { (quiet, emitted) = (0, outputs.value) }
      quiet += 1
      // What is withheld leaves before there is a wait, and in case that nothing more is emitted.
      if emitsTogether && (next == nil || quiet % BatchBuffer<S.Output>.defaultSize == 0) { try await emitter.flush() }
      if next == nil { next = await inlet.receive() }
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
