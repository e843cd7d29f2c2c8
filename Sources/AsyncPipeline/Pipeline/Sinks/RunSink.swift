extension PipelineProtocol {
  /// Runs the pipeline for what its operators do; the elements are dropped.
  ///
  /// The tasks that make them drop them: no task is added, and no queue.
  /// It takes cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  ///
  /// - Throws: ``PipelineFailure``, whose cause is what a closure threw; `CancellationError`.
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
