/// A run that has not been started: what it will do, and where it can be watched.
@usableFromInline
struct PreparedRun<Result: Sendable>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let work: @Sendable () async throws -> Result

  @inlinable
  init(run: PipelineRun, work: @escaping @Sendable () async throws -> Result) {
    (self.run, self.work) = (run, work)
  }

  /// Only once. Throws the ``PipelineFailure`` that ended the run, or `CancellationError`.
  @inlinable
  func callAsFunction() async throws -> Result {
    defer { run.end() }
    do {
      let result = try await workAndClose()
      // A task that was cancelled has ended quietly, and perhaps early.
      try Task.checkCancellation()
      // A worker that failed may have been closing its resource still when others had enough elements.
      if let failure = run.noted { throw failure }
      return result
    } catch {
      throw run.noted ?? CancellationError()
    }
  }

  /// The work, and the end of what the run's stages shared.
  @inlinable
  func workAndClose() async throws -> Result {
    do {
      let result = try await work()
      await run.closeResources()
      return result
    } catch {
      await run.closeResources()
      throw error
    }
  }
}

extension PipelineProtocol {
  /// Instantiates the pipeline with a sink behind it.
  ///
  /// - Parameter clock: that measures what the stages spend their time on.
  @inlinable
  func prepare<Result: Sendable>(
    _ name: String, clock: any Clock<Duration> = PipelineClock.current,
    _ work: @escaping @Sendable (StageInstance<Element>) async throws -> Result
  ) -> PreparedRun<Result> {
    let pipeline = erased
    let run = PipelineRun(policy: pipeline.policy, clock: clock)
    let upstream = pipeline.make(run)
    let sink = StageInstance(run: run, upstream: upstream, counters: run.addStage(name))
    return PreparedRun(run: run) { try await work(sink) }
  }
}
