/// A token bucket that can go into debt: an element passes as soon as all elements before it are paid for, and is paid
/// for afterwards. See <https://en.wikipedia.org/wiki/Token_bucket>.
struct TokenBucket: Sendable {
  /// Tokens per second.
  private var rate: Int
  /// How much unused time can be saved.
  private let burst: Duration
  /// The owed tokens, multiplied by a second; negative if tokens are saved.
  private var owed: Duration = .zero
  /// The time for which `owed` was computed.
  private var updated: Duration = .zero

  init(rate: Int, burst: Duration) {
    (self.rate, self.burst) = (rate, burst)
  }

  enum Answer: Equatable {
    case passed
    /// The element cannot pass before this time, unless the rate is changed.
    case until(Duration)
    /// The element cannot pass unless the rate is changed.
    case stopped
  }

  /// - Parameter now: not decreasing, except slightly, when one task reads the clock and another calls first.
  mutating func pass(_ weight: Int, at now: Duration) -> Answer {
    update(to: now)
    if rate == 0 { return .stopped }
    if owed > .zero { return .until(updated + payingTime) }
    owed += .seconds(1) * weight
    return .passed
  }

  var perSecond: Int { rate }

  mutating func set(perSecond: Int, at now: Duration) {
    update(to: now)
    rate = perSecond
  }

  /// How long it takes to pay the owed tokens, rounded up.
  private var payingTime: Duration {
    let time = owed / rate
    return time * rate < owed ? time + Duration(secondsComponent: 0, attosecondsComponent: 1) : time
  }

  /// Pays tokens for the time that has passed.
  private mutating func update(to now: Duration) {
    let elapsed = max(.zero, now - updated)
    updated = max(updated, now)
    if rate == 0 { return }
    // A long time is limited before it is multiplied, so that the product does not overflow.
    let useful = owed > .zero ? payingTime + burst : burst
    owed = max(owed - min(elapsed, useful) * rate, .zero - burst * rate)
  }
}
