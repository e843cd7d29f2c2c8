/// What a pipeline does with an element whose closure throws.
///
/// Cancellation is not a failure of an element, and ends the run whatever the policy; so do the failures of a source
/// and of a sink's closure.
public enum FailurePolicy: Sendable {
  /// The first failure ends the run, which throws it. Elements at work are cancelled.
  case failFast
  /// The element is dropped and counted in the report, by stage; the run continues.
  case skip
  /// The element is dropped and its failure kept in the report; the run continues. The first failure beyond the limit
  /// ends it as with ``failFast``.
  case collect(limit: Int)
  /// The element is dropped and its failure passed to the closure, which may suspend the stage that failed; the run
  /// continues. If the closure throws, the run ends with the element's failure. Several tasks may call it at once.
  case route(@Sendable (PipelineFailure) async throws -> Void)

  /// Sends failures to a channel. A full channel suspends the stage that failed. The run does not finish the channel;
  /// if it has been finished, the next failure ends the run.
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
