import Synchronization

extension PipelineProtocol {
  /// How many elements may wait for a sink. A guess: sixteen batches.
  @inlinable static var sinkCapacity: Int { 16 * BatchBuffer<Element>.defaultSize }
  /// How many elements a sink takes at once.
  @inlinable static var sinkBatch: Int { 4 * BatchBuffer<Element>.defaultSize }

  /// Runs the pipeline and calls `body` with each element, one after another.
  ///
  /// - *suspends* the stage before it while a bounded number of elements waits for `body`
  /// - *finishes* when `body` has returned for the last element
  /// - *on cancel* everything is cancelled and waited for; throws `CancellationError`
  /// - *on failure* of a closure before it: as the policy says. What `body` throws always ends the run
  ///
  /// - Parameter executor: where `body` runs; by default where this was called. Give it a thread of its own if it blocks.
  /// - Throws: ``PipelineFailure``, whose cause is what a closure threw; `CancellationError`.
  @discardableResult
  @inlinable
  public func forEach(
    on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable (Element) async throws -> Void
  ) async throws -> PipelineReport {
    let run = prepareForEach(on: executor, body)
    try await run()
    return run.run.report
  }

  @inlinable
  func prepareForEach(
    on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable (Element) async throws -> Void
  ) -> PreparedRun<Void> {
    prepare("forEach") { sink in
      try await sink.serve(capacity: Self.sinkCapacity, on: executor) { inlet in
        try await sink.consume(inlet, batch: Self.sinkBatch, body)
      }
    }
  }

  /// Runs the pipeline and combines its elements, one after another, to one value.
  ///
  /// It takes cancellation and failures as ``forEach(on:_:)`` does.
  ///
  /// - Parameters:
  ///   - initial: what the first element is combined with.
  ///   - executor: where `combine` runs; by default where this was called.
  ///   - combine: puts an element into the value.
  @inlinable
  public func fold<Result: Sendable>(
    into initial: Result, on executor: (any TaskExecutor)? = nil,
    _ combine: @escaping @Sendable (inout Result, Element) async throws -> Void
  ) async throws -> Result {
    try await prepareFold(into: initial, on: executor, combine)()
  }

  @inlinable
  func prepareFold<Result: Sendable>(
    into initial: Result, on executor: (any TaskExecutor)? = nil,
    _ combine: @escaping @Sendable (inout Result, Element) async throws -> Void
  ) -> PreparedRun<Result> {
    prepare("fold") { sink in
      let outcome = Mutex(initial)
      try await sink.serve(capacity: Self.sinkCapacity, on: executor) { inlet in
        var result = initial
        try await sink.consume(inlet, batch: Self.sinkBatch) { try await combine(&result, $0) }
        outcome.withLock { $0 = result }
      }
      return outcome.withLock { $0 }
    }
  }

  /// Runs the pipeline and returns its elements, all in memory at once.
  ///
  /// The tasks that make them put them there: no task is added, and no queue.
  /// It takes cancellation and failures as ``forEach(on:_:)`` does.
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
  /// It takes cancellation and failures as ``forEach(on:_:)`` does.
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
  /// Calls `body` with each element until there are none.
  @inlinable
  func consume(_ inlet: Inlet<Input>, batch limit: Int, _ body: (Input) async throws -> Void) async throws {
    while true {
      let batch = await inlet.receive(upTo: limit)
      if batch.isEmpty { return }
      var done = 0
      do {
        for element in batch {
          try Task.checkCancellation()
          try await body(element)
          done += 1
        }
        counters.add(output: done)
        counters.add(attempts: done)
      } catch {
        counters.add(output: done)
        throw end(error, in: batch, at: done)
      }
    }
  }

  /// Accounts for the rest of a batch when the body has thrown, or was not called because the task is cancelled.
  @inlinable
  func end(_ error: any Error, in batch: [Input], at index: Int) -> any Error {
    let thrown = run.fatal(error, of: batch[index], in: counters)
    let isCancelled = thrown is CancellationError
    counters.add(failed: isCancelled ? 0 : 1, cancelled: batch.count - index - (isCancelled ? 0 : 1))
    counters.add(attempts: index + (isCancelled ? 0 : 1))
    return thrown
  }

  /// Takes all elements in the tasks that emit them: those that must not wait one by one, without an array for each.
  @inlinable
  func absorb(
    one takeOne: @escaping @Sendable (Input) -> Void, batch take: @escaping @Sendable ([Input]) -> Void
  ) async throws {
    try await upstream.produce {
      .batching(
        from: upstream.stage, to: counters,
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
