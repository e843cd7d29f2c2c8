import Synchronization

/// A clock that a test advances, and that knows the tasks that sleep.
final class ManualClock: Clock {
  typealias Duration = Swift.Duration

  struct Instant: InstantProtocol, Hashable {
    /// Since the clock was created.
    var offset: Duration

    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
  }

  private struct Sleeper {
    let id: Int
    let deadline: Duration
    let continuation: UnsafeContinuation<Void, any Error>
  }

  private struct Watcher {
    let count: Int
    let deadline: Duration
    let continuation: UnsafeContinuation<Void, Never>
  }

  private struct State {
    var now = Duration.zero
    var lastID = 0
    var sleepers: [Sleeper] = []
    var watchers: [Watcher] = []
    var asked: [Duration] = []

    /// Removes and returns the watchers whose number of sleepers is reached.
    mutating func takeWatchers() -> [Watcher] {
      let (counts, all) = (Dictionary(grouping: sleepers, by: \.deadline).mapValues(\.count), watchers)
      watchers = all.filter { counts[$0.deadline, default: 0] < $0.count }
      return all.filter { counts[$0.deadline, default: 0] >= $0.count }
    }
  }

  enum SleepsEnd {
    case onTime
    /// A sleep moves the time to its own end.
    case atOnce
    /// A sleep ends only when its task is cancelled.
    case never
  }

  private let state = Mutex(State())
  private let sleepsEnd: SleepsEnd

  init(sleepsEnd: SleepsEnd = .onTime) {
    self.sleepsEnd = sleepsEnd
  }

  var now: Instant { Instant(offset: state.withLock { $0.now }) }
  let minimumResolution = Duration.zero

  /// The requested durations of all sleeps.
  var asked: [Duration] { state.withLock { $0.asked } }
  /// The number of sleeping tasks.
  var sleeping: Int { state.withLock { $0.sleepers.count } }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      state.asked.append(deadline.offset - state.now)
      if sleepsEnd == .atOnce { state.now = max(state.now, deadline.offset) }
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let (outcome, watchers) = state.withLock { state -> (Result<Void, any Error>?, [Watcher]) in
          // The cancellation handler takes the lock too: an earlier cancellation is seen here, and a later one finds
          // the sleeper in the list.
          if Task.isCancelled { return (.failure(CancellationError()), []) }
          if isOver(deadline.offset, at: state.now) { return (.success(()), []) }
          state.sleepers.append(Sleeper(id: id, deadline: deadline.offset, continuation: continuation))
          return (nil, state.takeWatchers())
        }
        if let outcome { continuation.resume(with: outcome) }
        for watcher in watchers { watcher.continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Advances the time, and wakes the sleepers that are due.
  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      defer { state.sleepers.removeAll { isOver($0.deadline, at: state.now) } }
      return state.sleepers.filter { isOver($0.deadline, at: state.now) }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  private func isOver(_ deadline: Duration, at now: Duration) -> Bool {
    sleepsEnd != .never && deadline <= now
  }

  /// Waits until `count` tasks sleep until this time since the creation of the clock.
  func sleepers(_ count: Int = 1, until deadline: Duration) async {
    await withUnsafeContinuation { continuation in
      let found = state.withLock { state in
        state.watchers.append(Watcher(count: count, deadline: deadline, continuation: continuation))
        return state.takeWatchers()
      }
      for watcher in found { watcher.continuation.resume() }
    }
  }
}
