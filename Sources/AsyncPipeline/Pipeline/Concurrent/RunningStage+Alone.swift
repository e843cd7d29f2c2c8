extension RunningStage {
  /// Works where the caller's tasks run, one element at a time, each of which leaves as soon as it can: its lane has no
  /// other worker, and would only be one more lock.
  @inlinable
  func workAlone(_ resource: Resource, _ emitter: Emitter<Output>) async throws {
    var count = 0
    let portionSize = stage.portionSize
    // The next one is the last: what is taken off is nobody else's any more.
    var portion: [Stage.Item] = []
    defer {
      counters.add(attempts: count % Stage.elementsPerTurnAlone)
      counters.add(cancelled: portion.count)
    }
    while true {
      // Few functions are awaited for an element: after each there is a look at the task's executor, under a lock.
      var next = portion.popLast()
      if next == nil, portionSize > 1 {
        portion = await inlet.receive(upTo: portionSize)
        portion.reverse()
        next = portion.popLast()
      } else if next == nil {
        next = inlet.tryReceive()
        if next == nil { next = await inlet.receive() }
      }
      // Where it was cancelled there may be more, which the stages behind must not take for the end.
      guard let item = next else { return try Task.checkCancellation() }
      if Task.isCancelled {
        counters.add(cancelled: 1)
        throw CancellationError()
      }
      count += 1
      if let output = try await stage.work.attempt(item.element, resource, instance.run, counters) {
        try await leave(item.number, output, emitter)
      } else if exit != nil {
        try await leave(item.number, nil, emitter)
      }
      if count % Stage.elementsPerTurnAlone == 0 {
        counters.add(attempts: Stage.elementsPerTurnAlone)
        await Task.yield()
      }
    }
  }

  /// Passes on what can leave now that an element is done; without an output that is left out.
  @inlinable @inline(__always)
  func leave(_ number: Int, _ output: Output?, _ emitter: Emitter<Output>) async throws {
    guard let exit else {
      if let output, try emitter.pass(output) { try await emitter.flush() }
      return
    }
    switch exit.leave(number, output) {
    case .nothing: return
    case .one(let output):
      if try emitter.pass(output) { try await emitter.flush() }
    case .several(let outputs):
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
    while let outputs = exit.takeReady() {
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
  }
}
