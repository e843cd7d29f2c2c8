import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The clock by which runs measure the time of their stages, and wait before they flush a batch.
///
/// ```swift
/// try await PipelineClock.$current.withValue(clock) { try await pipeline.run() }
/// ```
public enum PipelineClock {
  /// For the runs that are started in the current task and its children.
  @TaskLocal public static var current: any Clock<Duration> = ContinuousClock()
}

/// Measures the nanoseconds since a run began.
@usableFromInline
struct RunClock: Sendable {
  private let elapsed: @Sendable () -> Int64
  private let sleep: @Sendable (Duration) async throws -> Void

  init(_ clock: some Clock<Duration>) {
    sleep = { try await clock.sleep(for: $0) }
    if clock is ContinuousClock {
      // Costs a third of the general case, most of whose time is spent on the arithmetic of durations.
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

/// The total time that tasks spend on an activity, such as waiting for input, including activities in progress.
@usableFromInline
final class TimeSum: Sendable {
  @usableFromInline let clock: RunClock
  /// The sum of the ends minus the sum of the beginnings, in nanoseconds. An activity in progress has no end yet.
  @usableFromInline let balance = Atomic<Int64>(0)
  private let active = Atomic<Int64>(0)
  private let highestActive = Atomic<Int64>(0)

  /// The maximum number of tasks with an activity in progress.
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

  /// Adds the time that `body` takes, when it has returned. Its task does not count for `mostTasks`.
  @inlinable
  func measureAside<R, E>(_ body: () async throws(E) -> R) async throws(E) -> R {
    let start = clock.now
    defer { balance.add(clock.now - start, ordering: .relaxed) }
    return try await body()
  }

  /// In nanoseconds. An estimate while the run lasts, because a beginning or an end that is just being recorded may be
  /// counted in part; exact after the end.
  func nanoseconds(at now: Int64) -> Int64 {
    let active = active.load(ordering: .relaxed)
    return max(0, balance.load(ordering: .relaxed) + active * now)
  }
}
