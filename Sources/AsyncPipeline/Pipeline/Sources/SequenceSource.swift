extension Pipeline {
  /// The elements of a sequence, in order.
  ///
  /// - *emits* all elements of the sequence, asking for the next one when the one before has gone. Elements that come
  ///   fast go together; where each takes some time, in the sequence or in the synchronous operators behind it, they go
  ///   one by one
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
}

extension Emitter {
  /// How many elements are taken between two looks at the task, in case none of them made it suspend.
  @inlinable static var elementsPerLook: Int { 64 }
  /// How many such looks before other tasks of the executor have a turn: where nothing ever makes the source wait, one
  /// of them may be who is to end it. So many that its cost is not seen.
  @inlinable static var looksPerTurn: Int { 1024 }

  /// For a source: takes all elements of a sequence, and counts them as the stage's input.
  @inlinable
  func draw(from elements: some Sequence<Element>, _ run: PipelineRun) async throws {
    var (drawn, looks) = (0, 0)
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
        looks += 1
        if looks % Self.looksPerTurn == 0 { await Task.yield() }
      }
    }
  }
}
