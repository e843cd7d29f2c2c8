/// Reports of a run while it lasts, and the final report: see ``PipelineHandle/progress(every:clock:)``.
public struct PipelineProgress<C: Clock>: AsyncSequence, Sendable where C.Duration == Duration {
  public typealias Failure = Never

  @usableFromInline let run: PipelineRun
  /// Finished when the run has ended.
  @usableFromInline let end: Channel<Never>
  @usableFromInline let interval: Duration
  @usableFromInline let clock: C

  @inlinable
  init(_ run: PipelineRun, _ end: Channel<Never>, _ interval: Duration, _ clock: C) {
    precondition(interval > .zero, "the interval between reports is positive")
    (self.run, self.end, self.interval, self.clock) = (run, end, interval, clock)
  }

  /// Each iterator keeps its own time, and receives the final report.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(self)
  }

  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let progress: PipelineProgress
    @usableFromInline var due: C.Instant
    @usableFromInline var isOver = false

    @inlinable
    init(_ progress: PipelineProgress) {
      self.progress = progress
      due = progress.clock.now.advanced(by: progress.interval)
    }

    /// Returns the current report when the interval has passed. Nil after the final report, and if the task is
    /// cancelled before the run has ended.
    @inlinable
    public mutating func next() async -> PipelineReport? {
      if isOver { return nil }
      let (end, clock) = (progress.end, progress.clock)
      if !end.isFinished, clock.now < due {
        _ = await race { [due] in
          try await clock.sleep(until: due, tolerance: nil)
        } _: {
          await end.next()
        }
      }
      // Checked before the report is made, so that the final report is complete.
      let hasEnded = end.isFinished
      isOver = hasEnded || Task.isCancelled
      if isOver && !hasEnded { return nil }
      due = clock.now.advanced(by: progress.interval)
      return progress.run.report
    }

    /// As ``next()``; runs on the caller's actor.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async -> PipelineReport? {
      await next()
    }
  }
}

@available(*, unavailable)
extension PipelineProgress.Iterator: Sendable {}
