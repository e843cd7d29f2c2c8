/// Which failures of a concurrent stage's closure are tried again, how often, and after what wait.
///
/// ```swift
/// pipeline.mapAsync(width: 8, retry: .retry(max: 3, backoff: .exponential(first: .milliseconds(100)))) { … }
/// ```
public struct Retry: Sendable {
  let max: Int
  let backoff: Backoff
  let shouldRetry: @Sendable (any Error) -> Bool

  /// The first failure is final.
  public static let never = Retry.retry(max: 0)

  /// Whether the first failure is final.
  package var isNever: Bool { max == 0 }

  /// Tries an element again.
  ///
  /// - Parameters:
  ///   - max: how many times at most, the first attempt not counted; not negative.
  ///   - backoff: how long to wait before each.
  ///   - shouldRetry: whether a failure is one that may pass. It is never asked about a cancellation, which is final.
  public static func retry(
    max: Int, backoff: Backoff = .none, where shouldRetry: @escaping @Sendable (any Error) -> Bool = { _ in true }
  ) -> Retry {
    precondition(max >= 0, "an element is not tried again a negative number of times")
    return Retry(max: max, backoff: backoff, shouldRetry: shouldRetry)
  }

  /// How long to wait before the next attempt. Nil if the failure is final.
  ///
  /// - Parameter attempt: the one that failed; the first is 1.
  @usableFromInline
  package func delay(after attempt: Int, _ error: any Error) -> Duration? {
    if attempt > max || error is CancellationError || Task.isCancelled || !shouldRetry(error) { return nil }
    return backoff.delay(after: attempt)
  }
}
