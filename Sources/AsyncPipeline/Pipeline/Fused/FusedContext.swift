/// What fused operators do beside computing, in one task: counting what they leave out, and failing.
public final class FusedContext {
  /// How many elements are counted here before the report may learn of them.
  private static let unpublishedLimit = 1024

  @usableFromInline let run: PipelineRun
  @usableFromInline let stage: StageCounters
  @usableFromInline var filtered = 0
  @usableFromInline var expanded = 0
  @usableFromInline var bytes = 0
  /// A failure that somebody is to be told of, at the next flush.
  @usableFromInline var routed: PipelineFailure?

  @usableFromInline
  init(run: PipelineRun, stage: StageCounters) {
    (self.run, self.stage) = (run, stage)
  }

  /// An element is left out on purpose.
  @inlinable
  func leaveOut() {
    filtered += 1
    publishSometimes(filtered)
  }

  @inlinable
  func count(bytes: Int) {
    self.bytes += bytes
  }

  @usableFromInline
  func publishSometimes(_ count: Int) {
    if count >= Self.unpublishedLimit { publish() }
  }

  @usableFromInline
  func publish() {
    stage.add(filtered: filtered)
    stage.add(expanded: expanded)
    stage.add(bytes: bytes)
    (filtered, expanded, bytes) = (0, 0, 0)
  }

  /// An operator's closure threw. Returns if the run goes on without the element.
  @usableFromInline @inline(never)
  func fail(_ error: any Error, in operation: String, _ element: Any) throws {
    switch run.judge(error, of: element, ElementToken(of: stage), operation: operation) {
    case .drop: return
    case .route(let failure): routed = failure
    case .end(let error): throw error
    }
  }

  /// Tells who is to be told of a failure, if there is one.
  @inlinable
  func deliverRouted() async throws {
    guard let failure = routed else { return }
    routed = nil
    try await run.route(failure, from: stage)
  }
}
