/// Reports of a run while it lasts, and that of its end: see ``PipelineHandle/progress(every:clock:)``.
public struct PipelineProgress<C: Clock>: AsyncSequence, Sendable where C.Duration == Duration {
  public typealias Failure = Never

  @usableFromInline let run: PipelineRun
  /// Finished when the run has ended.
  @usableFromInline let end: Channel<Never>
  @usableFromInline let interval: Duration
  @usableFromInline let clock: C

  @inlinable
  init(_ run: PipelineRun, _ end: Channel<Never>, _ interval: Duration, _ clock: C) {
    precondition(interval > .zero, "there is some time from one report to the next")
    (self.run, self.end, self.interval, self.clock) = (run, end, interval, clock)
  }

  /// Each iterator has a time of its own, and comes to the last report.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(self)
  }

  /// Asks for one report after another.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let progress: PipelineProgress
    @usableFromInline var due: C.Instant
    @usableFromInline var isOver = false

    @inlinable
    init(_ progress: PipelineProgress) {
      self.progress = progress
      due = progress.clock.now.advanced(by: progress.interval)
    }

    /// The report of now, when it is time for it. Nil behind the last, and if the task is cancelled before the run's
    /// end.
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
      // Asked before the report is made: that of the end must be whole.
      let hasEnded = end.isFinished
      isOver = hasEnded || Task.isCancelled
      if isOver && !hasEnded { return nil }
      due = clock.now.advanced(by: progress.interval)
      return progress.run.report
    }

    /// As ``next()``, on the actor.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async -> PipelineReport? {
      await next()
    }
  }
}

@available(*, unavailable)
extension PipelineProgress.Iterator: Sendable {}
