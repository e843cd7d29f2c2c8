extension Pipeline {
  /// The elements of a sequence, in order.
  ///
  /// - *emits* all elements of the sequence, and requests an element when the one before has been accepted. Elements
  ///   that follow each other fast are passed on in batches; if each takes some time, in the sequence or in the
  ///   synchronous operators behind it, they are passed on one by one
  /// - *suspends* while the stage behind it has no room
  /// - *finishes* with the sequence
  /// - *on cancel* requests no more elements
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
}

extension Emitter {
  /// How many elements are taken between two checks for cancellation and draining, if none of them suspends the task.
  @inlinable static var elementsPerCheck: Int { 64 }
  /// How many such checks before the task yields: if the source never suspends, a task that is to end it may be waiting
  /// for the executor. So many that the cost of the yield does not show.
  @inlinable static var checksPerTurn: Int { 1024 }

  /// Emits all elements of a sequence, and counts them as the stage's input.
  @inlinable
  func draw(from elements: some Sequence<Element>, _ run: PipelineRun) async throws {
    var (drawn, checks) = (0, 0)
    defer { stage.add(input: drawn) }
    for element in elements {
      drawn += 1
      if try accept(element) {
        stage.add(input: drawn)
        drawn = 0
        try await flush()
      }
      if drawn % Self.elementsPerCheck == 0 {
        try Task.checkCancellation()
        if run.isDraining { return }
        checks += 1
        if checks % Self.checksPerTurn == 0 { await Task.yield() }
      }
    }
  }
}
