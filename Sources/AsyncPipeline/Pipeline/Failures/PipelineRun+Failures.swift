extension PipelineRun {
  /// What an element's failure means for the run.
  @usableFromInline
  enum Verdict {
    /// The run continues without the element.
    case drop
    /// The same, and the failure is to be passed to the policy's closure.
    case route(PipelineFailure)
    /// The run ends. The caller throws the error, which has been noted.
    case end(any Error)
  }

  /// Decides what a failure means, and counts the element.
  ///
  /// - Parameters:
  ///   - token: of the element.
  ///   - operation: the name of what failed; by default the stage's.
  ///   - attempt: how many times it was tried.
  @usableFromInline
  func judge(
    _ error: any Error, of element: @autoclosure () -> Any, _ token: consuming ElementToken, operation: String? = nil,
    attempt: Int = 1
  ) -> Verdict {
    let name = operation ?? token.stage.name
    // Any error of a cancelled task is a consequence of the cancellation.
    if error is CancellationError || Task.isCancelled {
      token.cancel()
      return .end(CancellationError())
    }
    if let ending = error as? RunEndingFailure {
      token.fail()
      let failure = PipelineFailure(stage: name, element: "", attempt: attempt, cause: ending.cause)
      note(failure)
      return .end(failure)
    }
    if case .skip = policy {
      token.skip()
      return .drop
    }
    token.fail()
    let failure = PipelineFailure(stage: name, describing: element(), attempt: attempt, cause: error)
    switch policy {
    case .collect(let limit) where collect(failure, limit: limit): return .drop
    case .route: return .route(failure)
    case .failFast, .skip, .collect:
      note(failure)
      return .end(failure)
    }
  }

  /// Applies the policy to an element's failure, which may suspend. Returns if the run continues without the element,
  /// and throws if it ends.
  @inlinable
  func handle(
    _ error: any Error, of element: @autoclosure () -> Any, _ token: consuming ElementToken, operation: String? = nil,
    attempt: Int = 1
  ) async throws {
    let stage = token.stage
    switch judge(error, of: element(), token, operation: operation, attempt: attempt) {
    case .drop: return
    case .route(let failure): try await route(failure, from: stage)
    case .end(let error): throw error
    }
  }

  /// Passes a failure to the policy's closure.
  @usableFromInline
  func route(_ failure: PipelineFailure, from stage: StageCounters) async throws {
    guard case .route(let take) = policy else { return }
    do {
      try await stage.blocked.measure { try await take(failure) }
    } catch {
      if Task.isCancelled { throw CancellationError() }
      note(failure)
      throw failure
    }
  }

  /// Notes a failure that ends the run, whatever the policy: of a source, of the end of a stage, or of a sink, which
  /// accounts for the element itself.
  ///
  /// - Parameter operation: the name of what failed; by default the stage's.
  /// - Returns: what to throw.
  @usableFromInline
  func fatal(
    _ error: any Error, of element: Any? = nil, in stage: StageCounters, operation: String? = nil
  ) -> any Error {
    if error is CancellationError || Task.isCancelled { return CancellationError() }
    let name = operation ?? stage.name
    let failure =
      element.map { PipelineFailure(stage: name, describing: $0, attempt: 1, cause: error) }
      ?? PipelineFailure(stage: name, element: "", attempt: 1, cause: error)
    note(failure)
    return failure
  }
}
