import Synchronization

/// How many operations or bytes a second may pass. It can be changed at any time, and whoever shares one shares the
/// rate.
///
/// What passes is paid for afterwards: something passes as soon as all before it is paid for, however heavy it is. Time
/// that nobody used may be made up for, up to a burst. So in any span of time there pass no more than the rate times
/// the sum of the span and the burst, and one element.
public final class RateLimit: Sendable {
  private struct State {
    var bucket: TokenBucket
    /// Finished at the next change.
    var changed = Channel<Never>()
  }

  private let state: Mutex<State>
  /// Since the start.
  private let now: @Sendable () -> Duration
  private let sleep: @Sendable (_ until: Duration) async throws -> Void

  /// - Parameters:
  ///   - perSecond: operations or bytes; not negative. With 0 nothing passes until it is changed.
  ///   - burst: how much unused time may be made up for, so that tasks that are woken late do not make it slower; not
  ///     negative. The default is a guess: few tasks are woken later, and hardly anybody minds.
  ///   - clock: that measures the time, from now on.
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

  /// Operations or bytes; not negative, and with 0 nothing passes. A change holds for who waits already, too.
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

  /// What somebody is to wait for who may not pass.
  struct Wait {
    /// When it may pass; nil is never.
    let end: Duration?
    let changed: Channel<Never>
  }

  /// Lets something pass, if it may pass now.
  ///
  /// - Parameter weight: what it is to pay for; not negative.
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

  /// Waits until it may be worth to try again. Throws if the task is cancelled.
  func wait(_ wait: Wait) async throws {
    if let end = wait.end {
      _ = await race({ [sleep] in try await sleep(end) }, { await wait.changed.next() == nil })
    } else {
      _ = await wait.changed.next()
    }
    try Task.checkCancellation()
  }
}
