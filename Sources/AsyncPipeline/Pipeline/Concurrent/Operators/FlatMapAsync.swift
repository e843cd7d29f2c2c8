extension PipelineProtocol {
  /// Makes each element into an asynchronous sequence, and passes on what is in it; `width` sequences are asked for
  /// elements at the same time.
  ///
  /// - *emits* the elements of each sequence in their order, those of several sequences interleaved as they come, each
  ///   without waiting for the next
  /// - *suspends* the stage before it while `width` sequences are under way and `readAhead` elements wait; a sequence
  ///   is asked for the next element when the stage behind has taken the one before
  /// - *finishes* when its input and the last sequence have ended
  /// - *on cancel* the tasks that ask the sequences are cancelled, and waited for
  /// - *on failure* of `transform` or of a sequence: as the pipeline's policy says. What the sequence has given before
  ///   goes on; the element that it was made from has failed. It is not tried again
  ///
  /// - Parameters:
  ///   - width: at least 1, or `.automatic`.
  ///   - readAhead: how many elements wait to be made into sequences; not negative. By default 16 for each task,
  ///     or fewer as ``Pipeline`` says.
  ///   - transform: called once for each element. The sequence stays in one task.
  @inlinable
  public func flatMapAsync<Elements: AsyncSequence & SendableMetatype>(
    width: some StageWidth, readAhead: Int? = nil,
    _ transform: @escaping @Sendable (Element) async throws -> Elements
  ) -> Pipeline<Elements.Element> where Elements.Element: Sendable {
    precondition(readAhead ?? 0 >= 0, "no negative number of elements can wait")
    let (count, note) = width.checked()
    return erased.stage("flatMapAsync") { instance, makeEmitter in
      let usual = count * ConcurrentStage<Element, Elements.Element, Void>.readAheadPerWorker
      let readAhead = readAhead ?? instance.upstream.bound.limit(usual, of: Element.self)
      if let note { instance.counters.note(note) }
      let inlet = StageInputQueue<Element>(of: instance.counters, capacity: readAhead)
      try await instance.runWorkers(
        on: Array(repeating: nil, count: count), from: inlet, batchSize: readAhead
      ) {
        try await withEmitter(makeEmitter) { emitter in
          while let taken = await inlet.receive() {
            try Task.checkCancellation()
            let element = taken.element
            try await instance.flatten(element, taken.token, emitter, transform)
          }
          try Task.checkCancellation()
        }
      }
    }
  }
}

extension StageInstance {
  /// How many elements of a sequence are passed on before other tasks have a turn. A guess, as for workers.
  @inlinable static var outputsPerTurn: Int { 16 }

  /// Passes on what is in the sequence that an element is made into.
  @inlinable
  func flatten<Elements: AsyncSequence>(
    _ element: Input, _ token: consuming ElementToken, _ emitter: Emitter<Elements.Element>,
    _ transform: (Input) async throws -> Elements
  ) async throws {
    counters.add(attempts: 1)
    // Of the element, until its first output has taken it.
    var token = Optional(token)
    var outputs = 0
    do {
      var iterator = try await transform(element).makeAsyncIterator()
      while let output = try await iterator.next(isolation: #isolation) {
        outputs += 1
        do {
          try await emitter.emit(output, token.take() ?? counters.expand())
          // The next output may be a long time coming.
          try await emitter.flush()
        } catch {
          throw Undelivered(cause: error)
        }
        // In case that nothing made it wait: the other sequences are to have their turns.
        if outputs % Self.outputsPerTurn == 0 { await Task.yield() }
      }
      // A sequence that is cancelled may end as if it were complete.
      try Task.checkCancellation()
      token.take()?.filter()
    } catch let undelivered as Undelivered {
      throw undelivered.cause
    } catch {
      // Where there are outputs already, the failure is one more thing that has become of the element.
      try await run.handle(error, of: element, token.take() ?? counters.expand())
    }
  }
}

/// What the stage behind has thrown: no failure of the element.
@usableFromInline
struct Undelivered: Error {
  @usableFromInline let cause: any Error

  @inlinable
  init(cause: any Error) {
    self.cause = cause
  }
}
