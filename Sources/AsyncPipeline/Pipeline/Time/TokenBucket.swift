/// A token bucket that may go into debt: something passes as soon as all before it is paid for, and is paid for
/// afterwards. See <https://en.wikipedia.org/wiki/Token_bucket>.
struct TokenBucket: Sendable {
  /// Tokens a second.
  private var rate: Int
  /// Time that may be saved up.
  private let burst: Duration
  /// The tokens that are owed, times a second; less than 0 if some were saved.
  private var owed: Duration = .zero
  /// When that was so.
  private var updated: Duration = .zero

  init(rate: Int, burst: Duration) {
    (self.rate, self.burst) = (rate, burst)
  }

  enum Answer: Equatable {
    case passed
    /// Not before this time, unless the rate is changed.
    case until(Duration)
    /// Not unless the rate is changed.
    case stopped
  }

  /// - Parameter now: never earlier than in another call, except if tasks overtake each other by a little.
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

  /// How long it takes to pay what is owed, rounded up.
  private var payingTime: Duration {
    let time = owed / rate
    return time * rate < owed ? time + Duration(secondsComponent: 0, attosecondsComponent: 1) : time
  }

  /// Pays for the time that has passed.
  private mutating func update(to now: Duration) {
    let elapsed = max(.zero, now - updated)
    updated = max(updated, now)
    if rate == 0 { return }
    // A long time is cut off before it is multiplied, so that the product is no more than what can be owed and saved.
    let useful = owed > .zero ? payingTime + burst : burst
    owed = max(owed - min(elapsed, useful) * rate, .zero - burst * rate)
  }
}
