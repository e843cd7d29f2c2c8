import Synchronization

extension PipelineProtocol {
  /// Runs the pipeline, and calls `body` with one element after another.
  ///
  /// - *suspends* the stage before it while it holds `buffered` elements: those that wait for `body`, and those of the
  ///   batch that `body` is being called with
  /// - *finishes* when `body` has returned for the last element
  /// - *on cancel* all stages are cancelled and waited for; throws `CancellationError`. The elements that wait for
  ///   `body` are dropped; with `drainsWhenCancelled` they are passed to `body` first
  /// - *on failure* of a closure before it: as the policy says; if that ends the run, as on cancel. An error of `body`
  ///   always ends the run
  ///
  /// The sink does not suspend while an element is ready. A task that `body` starts on an `executor` with one thread
  /// therefore runs when no further element is ready, and when the run has ended; it can flush output that `body` has
  /// buffered.
  ///
  /// - Parameters:
  ///   - executor: where `body` runs; by default where this was called. A `body` that blocks needs a thread of its own.
  ///   - buffered: the maximum number of elements that the sink holds; not negative. By default 1,280, or fewer as
  ///     ``Pipeline`` says.
  ///   - drainsWhenCancelled: whether `body` is called with the waiting elements of a cancelled run: for elements whose
  ///     results must not be lost. `body` then runs in a cancelled task.
  ///   - body: called with one element after another.
  /// - Throws: ``PipelineFailure``, whose cause is the error of a closure; `CancellationError`.
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

  /// Runs the pipeline, and combines its elements into one value, one after another.
  ///
  /// Handles cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  ///
  /// - Parameters:
  ///   - initial: the value that the first element is combined with.
  ///   - executor: where `combine` runs; by default where this was called.
  ///   - buffered: as for ``forEach(on:buffered:drainsWhenCancelled:_:)``.
  ///   - combine: adds an element to the value.
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

  /// Runs the pipeline, and returns all of its elements. Adds neither a task nor a queue.
  ///
  /// Handles cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
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

  /// Runs the pipeline, and returns the number of its elements. Adds neither a task nor a queue.
  ///
  /// Handles cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
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

  /// Runs the pipeline for the effects of its operators, and discards the elements. Adds neither a task nor a queue.
  ///
  /// Handles cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  ///
  /// - Throws: ``PipelineFailure``, whose cause is the error of a closure; `CancellationError`.
  @discardableResult
  @inlinable
  public func run() async throws -> PipelineReport {
    let run = prepare("run") { sink in
      try await sink.absorb { _ in
      } batch: { _ in
      }
    }
    try await run()
    return run.run.report
  }
}
