import Synchronization

/// Nanoseconds since a run began.
@usableFromInline
struct RunClock: Sendable {
  private let elapsed: @Sendable () -> Duration

  init(_ clock: some Clock<Duration>) {
    let start = clock.now
    elapsed = { start.duration(to: clock.now) }
  }

  var now: Int64 {
    let (seconds, attoseconds) = elapsed().components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

/// How long tasks did something, summed over the tasks; those included that are at it.
@usableFromInline
final class TimeSum: Sendable {
  private let clock: RunClock
  /// The ends minus the beginnings, in nanoseconds. What has not ended yet lacks its end.
  private let balance = Atomic<Int64>(0)
  private let active = Atomic<Int64>(0)
  private let highestActive = Atomic<Int64>(0)

  /// The most tasks that were at it at once.
  var mostTasks: Int { Int(highestActive.load(ordering: .relaxed)) }

  init(_ clock: RunClock) {
    self.clock = clock
  }

  @usableFromInline
  func begin() {
    balance.subtract(clock.now, ordering: .relaxed)
    let active = active.add(1, ordering: .relaxed).newValue
    if active > highestActive.load(ordering: .relaxed) { highestActive.max(active, ordering: .relaxed) }
  }

  @usableFromInline
  func end() {
    active.subtract(1, ordering: .relaxed)
    balance.add(clock.now, ordering: .relaxed)
  }

  @inlinable
  func measure<R, E>(_ body: () async throws(E) -> R) async throws(E) -> R {
    begin()
    defer { end() }
    return try await body()
  }

  /// In nanoseconds. While the run lasts a task that is just beginning or ending may be counted half, so that it is an estimate
  /// then; it is exact at the end.
  func nanoseconds(at now: Int64) -> Int64 {
    let active = active.load(ordering: .relaxed)
    return max(0, balance.load(ordering: .relaxed) + active * now)
  }
}
