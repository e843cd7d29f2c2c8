/// A run that has not been started yet.
@usableFromInline
struct PreparedRun<Result: Sendable>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let work: @Sendable () async throws -> Result

  @inlinable
  init(run: PipelineRun, work: @escaping @Sendable () async throws -> Result) {
    (self.run, self.work) = (run, work)
  }

  /// Executes the run; to be called once. Throws the ``PipelineFailure`` that ended the run, or `CancellationError`.
  @inlinable
  func callAsFunction() async throws -> Result {
    defer { run.end() }
    do {
      let result = try await workAndClose()
      // A cancelled task may have returned early without throwing.
      try Task.checkCancellation()
      // A worker may have failed after the stages behind had enough elements.
      if let failure = run.noted { throw failure }
      return result
    } catch {
      throw run.noted ?? CancellationError()
    }
  }

  /// Executes the work, and closes the resources that the run's stages share.
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
  /// Builds the stages of one run, and a sink behind them.
  ///
  /// - Parameter clock: measures the time of the stages.
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
