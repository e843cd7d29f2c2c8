/// Which failures of a concurrent stage's closure are retried, how often, and after what wait.
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

  /// Retries an element.
  ///
  /// - Parameters:
  ///   - max: how many times at most, not counting the first attempt; not negative.
  ///   - backoff: how long to wait before each retry.
  ///   - shouldRetry: whether a failure is transient. Not called for a cancellation, which is final.
  public static func retry(
    max: Int, backoff: Backoff = .none, where shouldRetry: @escaping @Sendable (any Error) -> Bool = { _ in true }
  ) -> Retry {
    precondition(max >= 0, "the number of retries is not negative")
    return Retry(max: max, backoff: backoff, shouldRetry: shouldRetry)
  }

  /// How long to wait before the next attempt. Nil if the failure is final.
  ///
  /// - Parameter attempt: the number of the attempt that failed; the first is 1.
  @usableFromInline
  package func delay(after attempt: Int, _ error: any Error) -> Duration? {
    if attempt > max || error is CancellationError || Task.isCancelled || !shouldRetry(error) { return nil }
    return backoff.delay(after: attempt)
  }
}

/// How long to wait before an element is retried.
public struct Backoff: Sendable, Hashable {
  /// The default cap of exponential waits. A guess at what a run can bear.
  public static let defaultCap: Duration = .seconds(30)

  let first: Duration
  let factor: Double
  let cap: Duration
  let jitter: Double

  /// Retries at once.
  public static let none = Backoff.constant(.zero)

  /// Always the same wait.
  ///
  /// - Parameter delay: not negative.
  public static func constant(_ delay: Duration) -> Backoff {
    exponential(first: delay, factor: 1, cap: delay)
  }

  /// Waits that grow exponentially.
  ///
  /// - Parameters:
  ///   - first: the wait before the second attempt; not negative.
  ///   - factor: of each wait to the one before it; at least 1.
  ///   - cap: the longest wait.
  ///   - jitter: the random share of each wait, from 0 to 1, so that elements that failed together are not retried
  ///     together: with 0.5 a wait of 8 s becomes 4 s to 8 s.
  public static func exponential(
    first: Duration, factor: Double = 2, cap: Duration = defaultCap, jitter: Double = 0
  ) -> Backoff {
    precondition(first >= .zero && cap >= .zero, "a wait is not negative")
    precondition(factor >= 1, "waits do not become shorter")
    precondition((0...1).contains(jitter), "a share is from 0 to 1")
    return Backoff(first: first, factor: factor, cap: cap, jitter: jitter)
  }

  /// The wait after an attempt that failed.
  ///
  /// - Parameter attempt: its number; the first is 1.
  func delay(after attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let longest = cap / .seconds(1)
    var delay = first / .seconds(1)
    var growing = attempt - 1
    while growing > 0, factor > 1, delay > 0, delay < longest {
      delay *= factor
      growing -= 1
    }
    delay = min(delay, longest)
    return .seconds(jitter == 0 ? delay : delay * (1 - Double.random(in: 0...jitter, using: &generator)))
  }

  @usableFromInline
  func delay(after attempt: Int) -> Duration {
    var generator = SystemRandomNumberGenerator()
    return delay(after: attempt, using: &generator)
  }
}
