/// What a pipeline does with an element whose closure throws.
///
/// Being cancelled is no failure of an element, and ends the run whatever the policy; so do the failures of a source
/// and of a sink's closure.
public enum FailurePolicy: Sendable {
  /// The first failure ends the run, which throws it. What is under way is cancelled.
  case failFast
  /// The element is left out and counted in the report, by stage; the run goes on.
  case skip
  /// The element is left out, and its failure kept in the report; the run goes on. The failure beyond the limit ends it
  /// as with ``failFast``.
  case collect(limit: Int)
  /// The element is left out, and its failure passed to the closure, which may suspend the stage that failed; the run
  /// goes on. If the closure throws, the run ends with the element's failure. It may be called by several tasks at
  /// once.
  case route(@Sendable (PipelineFailure) async throws -> Void)

  /// Failures are sent to a channel, and a full one suspends the stage that failed. The run does not finish the
  /// channel; if somebody else has, the next failure ends the run.
  public static func route(to channel: Channel<PipelineFailure>) -> FailurePolicy {
    .route { failure in
      switch await channel.send(failure) {
      case .sent: return
      case .cancelled: throw CancellationError()
      case .finished: throw failure
      }
    }
  }
}
