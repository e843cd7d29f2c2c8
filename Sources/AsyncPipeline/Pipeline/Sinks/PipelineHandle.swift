/// A run that was started: how to end it, how to watch it, and what comes of it.
///
/// All copies are of the one run. When there is none left the run goes on.
public struct PipelineHandle<Value: Sendable>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let task: Task<Value, any Error>
  /// Finished when the run has ended, and its report is the last.
  @usableFromInline let end: Channel<Never>

  @inlinable
  init(_ prepared: PreparedRun<Value>, on executor: (any TaskExecutor)?) {
    let end = Channel<Never>()
    (run, self.end) = (prepared.run, end)
    task = Task(executorPreference: executor) {
      defer { end.finish() }
      return try await prepared()
    }
  }

  // MARK: Ending

  /// Cancels all that the run does, and returns at once. When that has ended, `value` throws `CancellationError`.
  @inlinable
  public func cancel() {
    task.cancel()
  }

  /// Stops the sources, and returns at once. What they have given goes on to the sink, and the run ends well with that;
  /// a source that is fed gives what it holds too. An element that has become an endless sequence goes on until
  /// ``cancel()``.
  @inlinable
  public func drain() {
    run.drain()
  }

  // MARK: Watching

  /// What has happened so far; after the end, whatever that was, all that has happened.
  @inlinable public var report: PipelineReport { run.report }

  /// Reports while the run lasts.
  ///
  /// - *emits* a report whenever it is asked for one and `interval` has passed since the one before, or since the loop
  ///   began. None is kept: who is slower than that gets fewer. The last is that of the end, which it does not wait for
  ///   the time to give
  /// - *suspends* the run never
  /// - *finishes* behind the last report
  /// - *on cancel* of the task that asks it finishes without the last report; the run goes on
  /// - *on failure* of the run it finishes like that; the reason is told by `value`
  ///
  /// - Parameters:
  ///   - interval: positive.
  ///   - clock: that measures it.
  @inlinable
  public func progress<C: Clock>(every interval: Duration, clock: C = ContinuousClock()) -> PipelineProgress<C> {
    PipelineProgress(run, end, interval, clock)
  }

  // MARK: The outcome

  /// What comes of the run; waits for its end. That the task which waits is cancelled does not cancel the run.
  ///
  /// - Throws: ``PipelineFailure``, whose cause is what a closure threw; `CancellationError`.
  @inlinable public var value: Value {
    get async throws { try await task.value }
  }

  /// As ``value``, which it does not throw.
  @inlinable public var result: Result<Value, any Error> {
    get async { await task.result }
  }
}
