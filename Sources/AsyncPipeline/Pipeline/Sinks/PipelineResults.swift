extension PipelineProtocol {
  /// The elements as an asynchronous sequence: each iterator is a run of its own, which begins when it is first asked.
  ///
  /// ```swift
  /// for try await match in pipeline.results {
  ///   print(match)
  ///   if isEnough(match) { break }  // ends the run
  /// }
  /// ```
  ///
  /// - *emits* the elements in the pipeline's order, one when it is asked for one
  /// - *suspends* the pipeline while nothing is asked for and as many elements wait as a sink's queue holds
  /// - *finishes* with the run, when all that the run has opened is closed
  /// - *on cancel* of the task that iterates the run is cancelled and waited for; throws `CancellationError`
  /// - *on failure* of the run throws the ``PipelineFailure`` that ended it
  ///
  /// An iterator that is given up before the end, as by `break`, cancels its run. That ends soon after, in a task of
  /// its own: use ``PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)`` where the end must be waited for.
  @inlinable public var results: PipelineResults<Element> { PipelineResults(erased) }
}

/// The elements of a pipeline's run: see ``PipelineProtocol/results``.
public struct PipelineResults<Element: Sendable>: AsyncSequence, Sendable {
  public typealias Failure = any Error

  @usableFromInline let pipeline: Pipeline<Element>

  @inlinable
  init(_ pipeline: Pipeline<Element>) {
    self.pipeline = pipeline
  }

  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(run: IteratedRun(pipeline))
  }

  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let run: IteratedRun<Element>

    @inlinable
    init(run: IteratedRun<Element>) {
      self.run = run
    }

    /// The next element; nil at the end.
    @inlinable
    public mutating func next() async throws -> Element? {
      try await run.next()
    }

    /// As ``next()``, on the actor.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws -> Element? {
      try await run.next()
    }
  }
}

@available(*, unavailable)
extension PipelineResults.Iterator: Sendable {}

/// The run of one iterator, which ends with it.
@usableFromInline
final class IteratedRun<Element: Sendable> {
  private let pipeline: Pipeline<Element>
  /// Without places: what waits is in the queue of the sink.
  private let channel = Channel<Element>()
  private var task: Task<Void, any Error>?
  private var isOver = false

  @usableFromInline
  init(_ pipeline: Pipeline<Element>) {
    self.pipeline = pipeline
  }

  deinit {
    task?.cancel()
  }

  @usableFromInline
  func next() async throws -> Element? {
    if isOver { return nil }
    let task = task ?? start()
    if let element = await channel.next() { return element }
    isOver = true
    if Task.isCancelled { task.cancel() }
    try await task.value
    return nil
  }

  private func start() -> Task<Void, any Error> {
    let task = Task { [pipeline, channel] in
      defer { channel.finish() }
      _ = try await pipeline.forEach { element in
        guard case .sent = await channel.send(element) else { throw CancellationError() }
      }
    }
    self.task = task
    return task
  }
}
