extension PipelineRun {
  /// What an element's failure means for the run.
  @usableFromInline
  enum Verdict {
    /// The run goes on without the element.
    case leaveOut
    /// The same, and somebody is to be told.
    case route(PipelineFailure)
    /// The run ends. That has been noted, and is to be thrown.
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
    // What a task throws that has been cancelled is no cause but a consequence, whatever its type.
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
      return .leaveOut
    }
    token.fail()
    let failure = PipelineFailure(stage: name, describing: element(), attempt: attempt, cause: error)
    switch policy {
    case .collect(let limit) where collect(failure, limit: limit): return .leaveOut
    case .route: return .route(failure)
    case .failFast, .skip, .collect:
      note(failure)
      return .end(failure)
    }
  }

  /// Does what the policy says about an element's failure, which may suspend: returns if the run goes on without the
  /// element, and throws if it ends.
  @inlinable
  func handle(
    _ error: any Error, of element: @autoclosure () -> Any, _ token: consuming ElementToken, operation: String? = nil,
    attempt: Int = 1
  ) async throws {
    let stage = token.stage
    switch judge(error, of: element(), token, operation: operation, attempt: attempt) {
    case .leaveOut: return
    case .route(let failure): try await route(failure, from: stage)
    case .end(let error): throw error
    }
  }

  /// Tells who is to be told about failures.
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

  /// The failure of a source or of a stage's end, which is no element's, or of a sink for an element that it counts
  /// itself: it ends the run, whatever the policy.
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
