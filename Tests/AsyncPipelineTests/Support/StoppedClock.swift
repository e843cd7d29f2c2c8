import AsyncPipeline
import Synchronization

/// A clock that stands still until a test moves it, and knows who waits for it.
final class StoppedClock: Clock {
  struct Instant: InstantProtocol {
    let offset: Duration

    static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
  }

  fileprivate struct State {
    var now = Instant(offset: .zero)
    /// Finished when it is time.
    var sleepers: [(end: Instant, alarm: Channel<Never>)] = []
    var asked: [Duration] = []
  }

  private let state = Mutex(State())
  /// Moves on to the end of a sleep as soon as somebody sleeps.
  private let jumps: Bool

  init(jumps: Bool = false) {
    self.jumps = jumps
  }

  var now: Instant { state.withLock { $0.now } }
  var minimumResolution: Duration { .nanoseconds(1) }

  /// How long was to be slept, each time.
  var asked: [Duration] { state.withLock { $0.asked } }
  /// How many sleep.
  var sleeping: Int { state.withLock { $0.sleepers.count } }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let alarm = Channel<Never>()
    state.withLock { state in
      state.asked.append(state.now.duration(to: deadline))
      state.sleepers.append((deadline, alarm))
      if jumps { state.now = max(state.now, deadline) }
      state.ring()
    }
    _ = await alarm.next()
    state.withLock { $0.sleepers.removeAll { $0.alarm === alarm } }
    try Task.checkCancellation()
  }

  func advance(by duration: Duration) {
    state.withLock { state in
      state.now = state.now.advanced(by: duration)
      state.ring()
    }
  }
}

extension StoppedClock.State {
  fileprivate mutating func ring() {
    for sleeper in sleepers where sleeper.end <= now { sleeper.alarm.finish() }
  }
}
