import Synchronization

extension PipelineProtocol {
  /// Runs the pipeline and calls `body` with each element, one after another.
  ///
  /// - *suspends* the stage before it while `buffered` elements wait for `body`, or are of the same batch as the one it
  ///   is called with
  /// - *finishes* when `body` has returned for the last element
  /// - *on cancel* everything is cancelled and waited for; throws `CancellationError`. The elements that wait for
  ///   `body` are dropped, or passed to it before that if `drainsWhenCancelled`
  /// - *on failure* of a closure before it: as the policy says; where that ends the run, as on cancel. What `body`
  ///   throws always ends the run
  ///
  /// It does not suspend while an element is ready. A task that `body` starts on an `executor` with one thread
  /// therefore runs when no further element is ready, and when the run has ended: the place to flush what `body` has
  /// collected.
  ///
  /// - Parameters:
  ///   - executor: where `body` runs; by default where this was called. Give it a thread of its own if it blocks.
  ///   - buffered: how many elements may wait; not negative. By default 1,280, or fewer as ``Pipeline`` says.
  ///   - drainsWhenCancelled: whether `body` is called in a cancelled run with the elements that wait for it: those
  ///     whose results must not be lost. `body` then finds its task cancelled.
  ///   - body: called with one element after another.
  /// - Throws: ``PipelineFailure``, whose cause is what a closure threw; `CancellationError`.
  @discardableResult
  @inlinable
  public func forEach(
    on executor: (any TaskExecutor)? = nil, buffered: Int? = nil, drainsWhenCancelled: Bool = false,
    _ body: @escaping @Sendable (Element) async throws -> Void
  ) async throws -> PipelineReport {
    let run = prepareForEach(on: executor, buffered: buffered, drainsWhenCancelled: drainsWhenCancelled, body)
    try await run()
    return run.run.report
  }

  @inlinable
  func prepareForEach(
    on executor: (any TaskExecutor)? = nil, buffered: Int? = nil, drainsWhenCancelled: Bool = false,
    _ body: @escaping @Sendable (Element) async throws -> Void
  ) -> PreparedRun<Void> {
    prepare("forEach") { sink in
      try await sink.serveSink(buffered: buffered, on: executor) { inlet, hand in
        try await sink.consume(inlet, batch: hand, drainsWhenCancelled: drainsWhenCancelled, body)
      }
    }
  }

  /// Runs the pipeline and combines its elements, one after another, to one value.
  ///
  /// It takes cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  ///
  /// - Parameters:
  ///   - initial: what the first element is combined with.
  ///   - executor: where `combine` runs; by default where this was called.
  ///   - buffered: as for ``forEach(on:buffered:drainsWhenCancelled:_:)``.
  ///   - combine: puts an element into the value.
  @inlinable
  public func fold<Result: Sendable>(
    into initial: Result, on executor: (any TaskExecutor)? = nil, buffered: Int? = nil,
    _ combine: @escaping @Sendable (inout Result, Element) async throws -> Void
  ) async throws -> Result {
    try await prepareFold(into: initial, on: executor, buffered: buffered, combine)()
  }

  @inlinable
  func prepareFold<Result: Sendable>(
    into initial: Result, on executor: (any TaskExecutor)? = nil, buffered: Int? = nil,
    _ combine: @escaping @Sendable (inout Result, Element) async throws -> Void
  ) -> PreparedRun<Result> {
    prepare("fold") { sink in
      let outcome = Mutex(initial)
      try await sink.serveSink(buffered: buffered, on: executor) { inlet, hand in
        var result = initial
        try await sink.consume(inlet, batch: hand) { try await combine(&result, $0) }
        outcome.withLock { $0 = result }
      }
      return outcome.withLock { $0 }
    }
  }

  /// Runs the pipeline and returns its elements, all in memory at once.
  ///
  /// The tasks that make them put them there: no task is added, and no queue.
  /// It takes cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  @inlinable
  public func collect() async throws -> [Element] {
    try await prepareCollect()()
  }

  @inlinable
  func prepareCollect() -> PreparedRun<[Element]> {
    prepare("collect") { sink in
      let elements = Mutex<[Element]>([])
      try await sink.absorb { element in
        elements.withLock { $0.append(element) }
      } batch: { batch in
        elements.withLock { $0 += batch }
      }
      return elements.withLock { $0 }
    }
  }

  /// Runs the pipeline and counts what arrives at its end.
  ///
  /// It takes cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  @inlinable
  public func count() async throws -> Int {
    try await prepareCount()()
  }

  @inlinable
  func prepareCount() -> PreparedRun<Int> {
    prepare("count") { sink in
      let count = Atomic<Int>(0)
      try await sink.absorb { _ in
        count.add(1, ordering: .relaxed)
      } batch: { batch in
        count.add(batch.count, ordering: .relaxed)
      }
      return count.load(ordering: .relaxed)
    }
  }
}

extension StageInstance {
  /// Runs a sink as one task behind a queue.
  ///
  /// - Parameters:
  ///   - buffered: how many elements it may hold, if the caller has said it.
  ///   - body: is also told how many elements to take at once.
  @inlinable
  func serveSink(
    buffered: Int?, on executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (StageInputQueue<Input>, _ hand: Int) async throws -> Void
  ) async throws {
    precondition(buffered ?? 0 >= 0, "no negative number of elements can wait")
    if buffered == nil, case .byWeight(let inHand) = upstream.bound {
      let inlet = StageInputQueue<Input>(of: counters, budget: inHand.budget) { _ in inHand.value }
      return try await serve(inlet, on: executor, entrance: { inlet.makeEmitter(from: upstream.stage, size: 1) }) {
        try await body($0, StageBudget.sinkHand)
      }
    }
    let limit = buffered ?? upstream.bound.limit(StageBudget.sinkLimit, of: Input.self)
    let room = StageBudget(for: limit, mostInHand: StageBudget.sinkHand)
    let batchSize = min(BatchBuffer<Input>.defaultSize, room.hand)
    try await serve(capacity: room.queue, batchSize: batchSize, on: executor) { try await body($0, room.hand) }
  }

  /// Calls `body` with each element until there are none; in a cancelled task, with none, or until none is left in the
  /// queue.
  @inlinable
  func consume(
    _ inlet: StageInputQueue<Input>, batch limit: Int, drainsWhenCancelled: Bool = false,
    _ body: (Input) async throws -> Void
  ) async throws {
    while true {
      let batch = await inlet.receive(upTo: limit)
      // In a cancelled task that need not be the end.
      if batch.isEmpty { return try Task.checkCancellation() }
      let elements = batch.elements
      var tokens = batch.tokens
      var done = 0
      do {
        for element in elements {
          if !drainsWhenCancelled { try Task.checkCancellation() }
          try await body(element)
          done += 1
        }
        counters.add(attempts: done)
        tokens.output()
      } catch {
        tokens.split(done).output()
        let thrown = run.fatal(error, of: elements[done], in: counters)
        // The rest of the batch is cancelled, and this element too if that is why it has failed.
        let hasFailed = !(thrown is CancellationError)
        if hasFailed { tokens.split().fail() }
        counters.add(attempts: done + (hasFailed ? 1 : 0))
        throw thrown
      }
    }
  }

  /// Takes all elements in the tasks that emit them. An element that must not wait for a batch is taken without an
  /// array.
  @inlinable
  func absorb(
    one takeOne: @escaping @Sendable (Input) -> Void, batch take: @escaping @Sendable ([Input]) -> Void
  ) async throws {
    let size = upstream.bound.limit(BatchBuffer<Input>.defaultSize, of: Input.self)
    try await upstream.produce {
      .batching(
        from: upstream.stage, to: counters, size: size,
        tryDeliver: { element in
          upstream.stage.add(output: 1)
          counters.add(input: 1, output: 1)
          takeOne(element)
          return true
        },
        { batch in
          take(batch)
          counters.add(output: batch.count)
        })
    }
  }
}
