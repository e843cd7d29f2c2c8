extension PipelineProtocol {
  /// The elements as an asynchronous sequence: each iterator is a run of its own, which begins with the first `next()`.
  ///
  /// ```swift
  /// for try await match in pipeline.results {
  ///   print(match)
  ///   if isEnough(match) { break }  // ends the run
  /// }
  /// ```
  ///
  /// - *emits* the elements in the pipeline's order, one per `next()`
  /// - *suspends* the pipeline while no element is requested and the sink's queue is full
  /// - *finishes* with the run, when the run's resources are closed
  /// - *on cancel* of the iterating task the run is cancelled and waited for; throws `CancellationError`
  /// - *on failure* of the run throws the ``PipelineFailure`` that ended it
  ///
  /// If an iterator is released before the end, as by `break`, its run is cancelled. The run ends soon after, in a task
  /// of its own; use ``PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)`` to wait for the end.
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

    /// As ``next()``; runs on the caller's actor.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws -> Element? {
      try await run.next()
    }
  }
}

@available(*, unavailable)
extension PipelineResults.Iterator: Sendable {}

/// The run of one iterator. Its release cancels the run.
@usableFromInline
final class IteratedRun<Element: Sendable> {
  private let pipeline: Pipeline<Element>
  /// Without capacity: elements wait in the queue of the sink.
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
