import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nanoseconds since a run began.
@usableFromInline
struct RunClock: Sendable {
  private let elapsed: @Sendable () -> Int64
  private let sleep: @Sendable (Duration) async throws -> Void

  init(_ clock: some Clock<Duration>) {
    sleep = { try await clock.sleep(for: $0) }
    if clock is ContinuousClock {
      // The same for a third of the time, most of which goes into the arithmetic of durations.
      let start = Self.monotonic
      elapsed = { Self.monotonic - start }
    } else {
      let start = clock.now
      elapsed = {
        let (seconds, attoseconds) = start.duration(to: clock.now).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
      }
    }
  }

  private static var monotonic: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  @usableFromInline var now: Int64 { elapsed() }

  /// Throws if the task is cancelled.
  @usableFromInline
  func sleep(for duration: Duration) async throws {
    try await sleep(duration)
  }
}

/// How long tasks did something, summed over the tasks; those included that are at it.
@usableFromInline
final class TimeSum: Sendable {
  @usableFromInline let clock: RunClock
  /// The ends minus the beginnings, in nanoseconds. What has not ended yet lacks its end.
  @usableFromInline let balance = Atomic<Int64>(0)
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

  /// Adds the time that an uncounted task takes. It is in the sum when the task has ended.
  @inlinable
  func measureAside<R, E>(_ body: () async throws(E) -> R) async throws(E) -> R {
    let start = clock.now
    defer { balance.add(clock.now - start, ordering: .relaxed) }
    return try await body()
  }

  /// In nanoseconds. While the run lasts a task that is just beginning or ending may be counted half, so that it is an
  /// estimate then; it is exact at the end.
  func nanoseconds(at now: Int64) -> Int64 {
    let active = active.load(ordering: .relaxed)
    return max(0, balance.load(ordering: .relaxed) + active * now)
  }
}
