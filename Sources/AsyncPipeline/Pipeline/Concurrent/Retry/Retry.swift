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

/// How long to wait before an element is tried again.
public struct Backoff: Sendable, Hashable {
  /// What no exponential wait exceeds unless it is said. A guess at what a run can bear.
  public static let defaultCap: Duration = .seconds(30)

  let first: Duration
  let factor: Double
  let cap: Duration
  let jitter: Double

  /// Tries again at once.
  public static let none = Backoff.constant(.zero)

  /// Always the same wait.
  ///
  /// - Parameter delay: not negative.
  public static func constant(_ delay: Duration) -> Backoff {
    exponential(first: delay, factor: 1, cap: delay)
  }

  /// Waits that grow from one time to the next.
  ///
  /// - Parameters:
  ///   - first: the wait before the second attempt; not negative.
  ///   - factor: by which a wait is longer than the one before it; at least 1.
  ///   - cap: the longest wait.
  ///   - jitter: the share of each wait, from 0 to 1, that is left to chance, so that those who failed together do not
  ///     come back together: with 0.5 a wait of 8 s is one of 4 s to 8 s.
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
  /// - Parameter attempt: the first is 1.
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
