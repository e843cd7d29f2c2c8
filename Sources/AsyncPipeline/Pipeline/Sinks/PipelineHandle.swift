/// A run that was started: ends it, reports its progress, and returns its result.
///
/// Copies refer to the same run. When the last one is released the run continues.
public struct PipelineHandle<Value: Sendable>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let task: Task<Value, any Error>
  /// Finished when the run has ended and its report is final.
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

  /// Cancels the run, and returns at once. When all tasks of the run have ended, `value` throws `CancellationError`.
  @inlinable
  public func cancel() {
    task.cancel()
  }

  /// Stops the sources, and returns at once. The elements that they have emitted continue to the sink, including those
  /// that a feed holds, and the run then succeeds. An infinite sequence of a `flatMap` continues until ``cancel()``.
  @inlinable
  public func drain() {
    run.drain()
  }

  // MARK: Watching

  /// The current report; after the end of the run, the final one.
  @inlinable public var report: PipelineReport { run.report }

  /// Reports while the run lasts.
  ///
  /// - *emits* a report when one is requested and `interval` has passed since the previous one, or since the loop
  ///   began. Reports are not queued: a slow consumer gets fewer. The final report is emitted as soon as the run ends
  /// - *suspends* the run never
  /// - *finishes* after the final report
  /// - *on cancel* of the requesting task it finishes without the final report; the run continues
  /// - *on failure* of the run it finishes after the final report; `value` throws the failure
  ///
  /// - Parameters:
  ///   - interval: positive.
  ///   - clock: measures the interval.
  @inlinable
  public func progress<C: Clock>(every interval: Duration, clock: C = ContinuousClock()) -> PipelineProgress<C> {
    PipelineProgress(run, end, interval, clock)
  }

  // MARK: The outcome

  /// The result of the run; waits for its end. Cancelling the waiting task does not cancel the run.
  ///
  /// - Throws: ``PipelineFailure``, whose cause is the error of a closure; `CancellationError`.
  @inlinable public var value: Value {
    get async throws { try await task.value }
  }

  /// As ``value``, without throwing.
  @inlinable public var result: Result<Value, any Error> {
    get async { await task.result }
  }
}
