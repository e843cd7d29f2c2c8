import Synchronization

/// A limit on the number of operations or bytes per second. It can be changed at any time. The stages and runs that
/// share an instance share the rate.
///
/// An element is paid for after it has passed: it passes as soon as all elements before it are paid for, however heavy
/// it is. Unused time can be made up for, up to a burst. So in any interval, the total weight that passes is at most
/// the rate times the sum of the interval and the burst, plus one element.
public final class RateLimit: Sendable {
  private struct State {
    var bucket: TokenBucket
    /// Finished by the next change of the rate.
    var changed = Channel<Never>()
  }

  private let state: Mutex<State>
  /// The time since the instance was created.
  private let now: @Sendable () -> Duration
  private let sleep: @Sendable (_ until: Duration) async throws -> Void

  /// - Parameters:
  ///   - perSecond: operations or bytes; not negative. With 0 no element passes until the rate is changed.
  ///   - burst: how much unused time can be made up for, so that the rate is reached although tasks wake up late; not
  ///     negative. The default is a guess: few tasks wake up later than that, and few users notice a burst so short.
  ///   - clock: measures the time, from now on.
  public init<C: Clock>(
    perSecond: Int, burst: Duration = .milliseconds(10), clock: C = ContinuousClock()
  ) where C.Duration == Duration {
    precondition(perSecond >= 0, "a rate is not negative")
    precondition(burst >= .zero, "a burst is not negative")
    state = Mutex(State(bucket: TokenBucket(rate: perSecond, burst: burst)))
    let start = clock.now
    now = { start.duration(to: clock.now) }
    sleep = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
  }

  /// Operations or bytes; not negative. With 0 no element passes. A change applies to waiting elements too.
  public var perSecond: Int {
    get { state.withLock { $0.bucket.perSecond } }
    set {
      precondition(newValue >= 0, "a rate is not negative")
      let now = now()
      let changed = state.withLock { state in
        state.bucket.set(perSecond: newValue, at: now)
        defer { state.changed = Channel() }
        return state.changed
      }
      changed.finish()
    }
  }

  /// What to wait for before the next attempt to pass.
  struct Wait {
    /// When the element may pass; nil if only a change of the rate can let it pass.
    let end: Duration?
    let changed: Channel<Never>
  }

  /// Lets an element pass if it may pass now.
  ///
  /// - Parameter weight: the element's weight; not negative.
  /// - Returns: nil if it has passed.
  func pass(_ weight: Int) -> Wait? {
    precondition(weight >= 0, "an element's weight is not negative")
    let now = now()
    return state.withLock { state in
      switch state.bucket.pass(weight, at: now) {
      case .passed: nil
      case .until(let end): Wait(end: end, changed: state.changed)
      case .stopped: Wait(end: nil, changed: state.changed)
      }
    }
  }

  /// Returns when another attempt can succeed. Throws if the task is cancelled.
  func wait(_ wait: Wait) async throws {
    if let end = wait.end {
      _ = await race({ [sleep] in try await sleep(end) }, { await wait.changed.next() == nil })
    } else {
      _ = await wait.changed.next()
    }
    try Task.checkCancellation()
  }
}
