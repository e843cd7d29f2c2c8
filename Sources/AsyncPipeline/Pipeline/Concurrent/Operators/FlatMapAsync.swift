extension PipelineProtocol {
  /// Makes each element into an asynchronous sequence, and passes on the elements of that; `width` sequences are
  /// iterated at the same time.
  ///
  /// - *emits* the elements of each sequence in their order, those of several sequences interleaved as they come, each
  ///   without waiting for the next
  /// - *suspends* the stage before it while `width` sequences are iterated and `readAhead` elements wait; a sequence is
  ///   asked for its next element when the stage behind has taken the one before
  /// - *finishes* when its input and the last sequence have ended
  /// - *on cancel* the tasks that iterate are cancelled, and waited for
  /// - *on failure* of `transform` or of a sequence: as the pipeline's policy says. The element has failed; outputs of
  ///   its sequence that came before continue. It is not retried
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
      let input = StageInputQueue<Element>(of: instance.counters, capacity: readAhead)
      try await instance.runWorkers(
        on: Array(repeating: nil, count: count), from: input, batchSize: readAhead
      ) {
        try await withEmitter(makeEmitter) { emitter in
          while let taken = await input.receive() {
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
  /// How many elements of a sequence are passed on before other tasks have a turn. A guess, as in ``WorkerTurns``.
  @inlinable static var outputsPerTurn: Int { 16 }

  /// Passes on the elements of the sequence that an element is made into.
  @inlinable
  func flatten<Elements: AsyncSequence>(
    _ element: Input, _ token: consuming ElementToken, _ emitter: Emitter<Elements.Element>,
    _ transform: (Input) async throws -> Elements
  ) async throws {
    counters.add(attempts: 1)
    // The first output takes the element's token; further outputs are new elements.
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
        // In case that nothing made it wait: the other sequences need their turns.
        if outputs % Self.outputsPerTurn == 0 { await Task.yield() }
      }
      // A sequence that is cancelled may end as if it were complete.
      try Task.checkCancellation()
      token.take()?.filter()
    } catch let undelivered as Undelivered {
      throw undelivered.cause
    } catch {
      // If an output has the element's token, the failed element is one more.
      try await run.handle(error, of: element, token.take() ?? counters.expand())
    }
  }
}

/// An error of the stage behind, which is not a failure of the element.
@usableFromInline
struct Undelivered: Error {
  @usableFromInline let cause: any Error

  @inlinable
  init(cause: any Error) {
    self.cause = cause
  }
}
