/// Workers that run where the caller's tasks do. Each takes elements from the input queue, one at a time unless it is
/// the only worker, and passes on each element at once.
extension ConcurrentRun {
  @inlinable
  func runDirectly(_ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    try await instance.runWorkers(on: stage.executors, from: input, entrance: makeEntrance) {
      try await stage.resources.with(instance) { resource in
        try await withEmitter(makeEmitter) { emitter in try await workDirectly(resource, emitter) }
      }
    }
  }

  @inlinable
  func workDirectly(_ resource: Resource, _ emitter: Emitter<Output>) async throws {
    var turns = WorkerTurns(counters, length: WorkerTurns.elementsWhereCallerRuns)
    let portionSize = stage.portionSize
    // In reverse order: the next element is the last. An element that is removed is no longer held here.
    var portion = TakenBatch<Stage.Item>([], ElementToken(of: counters, 0))
    while true {
      // As few asynchronous calls as possible: after each of them the task's executor is looked up under a lock.
      var next = portion.popLast()
      if next == nil, portionSize > 1 {
        portion = await input.receive(upTo: portionSize)
        portion.elements.reverse()
        next = portion.popLast()
      } else if next == nil {
        next = input.tryReceive()
        if next == nil { next = await input.receive() }
      }
      // Nil does not mean the end if the task is cancelled, and the stages behind must not take it for that.
      guard let taken = next else { return try Task.checkCancellation() }
      try Task.checkCancellation()
      turns.countAttempt()
      let (number, element) = (taken.element.number, taken.element.element)
      let output = try await stage.work.attempt(element, taken.token, resource, instance.run)
      try await finish(number, output, emitter)
      if turns.isOver() { await Task.yield() }
    }
  }

  /// Passes on an output, and all outputs in the reorder buffer that it completes. Nil is for an element that was
  /// dropped.
  @inlinable @inline(__always)
  func finish(_ number: Int, _ output: consuming TakenElement<Output>?, _ emitter: Emitter<Output>) async throws {
    guard let reorderBuffer else {
      if let element = TakenElement.handOver(output), try emitter.pass(element) { try await emitter.flush() }
      return
    }
    switch reorderBuffer.finish(number, TakenElement.handOver(output)) {
    case .nothing: return
    case .one(let output):
      if try emitter.pass(output) { try await emitter.flush() }
    case .several(let outputs):
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
    while let outputs = reorderBuffer.takeReady() {
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
  }
}
