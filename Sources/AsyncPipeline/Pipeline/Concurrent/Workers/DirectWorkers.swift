/// Workers that run where the caller's tasks do. Each takes elements from the input queue, one at a time unless it is the
/// only worker, and passes on each element at once.
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
    var count = 0
    let portionSize = stage.portionSize
    // In reverse order: the next element is the last. An element that is removed is no longer held here.
    var portion: [Stage.Item] = []
    defer {
      counters.add(attempts: count % Stage.elementsPerTurnAlone)
      counters.add(cancelled: portion.count)
    }
    while true {
      // As few asynchronous calls as possible: after each of them the task's executor is looked up under a lock.
      var next = portion.popLast()
      if next == nil, portionSize > 1 {
        portion = await input.receive(upTo: portionSize)
        portion.reverse()
        next = portion.popLast()
      } else if next == nil {
        next = input.tryReceive()
        if next == nil { next = await input.receive() }
      }
      // Nil does not mean the end if the task is cancelled, and the stages behind must not take it for that.
      guard let item = next else { return try Task.checkCancellation() }
      if Task.isCancelled {
        counters.add(cancelled: 1)
        throw CancellationError()
      }
      count += 1
      if let output = try await stage.work.attempt(item.element, resource, instance.run, counters) {
        try await finish(item.number, output, emitter)
      } else if reorderBuffer != nil {
        try await finish(item.number, nil, emitter)
      }
      if count % Stage.elementsPerTurnAlone == 0 {
        counters.add(attempts: Stage.elementsPerTurnAlone)
        await Task.yield()
      }
    }
  }

  /// Passes on an output, and those that it held up in the reorder buffer. Nil is for an element that was dropped.
  @inlinable @inline(__always)
  func finish(_ number: Int, _ output: Output?, _ emitter: Emitter<Output>) async throws {
    guard let reorderBuffer else {
      if let output, try emitter.pass(output) { try await emitter.flush() }
      return
    }
    switch reorderBuffer.finish(number, output) {
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
