import Glibc
import SystemPackage

// Waiting by a timer of the kernel: no thread waits. A cancelled task throws `ECANCELED` before the time.
extension RingLoop {
  /// Suspends for `duration` on the monotonic clock.
  public func sleep(for duration: Duration) async throws(Errno) {
    try await runOut(.timeout(duration))
  }

  /// Suspends until `clock` says `deadline` or later; see ``SubmissionEntry/timeout(until:on:)``.
  public func sleep(until deadline: Duration, on clock: KernelClock) async throws(Errno) {
    try await runOut(.timeout(until: deadline, on: clock))
  }

  /// Suspends until `deadline` on the kernel's clock `CLOCK_BOOTTIME`, which `ContinuousClock` is on Linux: the time
  /// for which the system is suspended counts.
  public func sleep(until deadline: ContinuousClock.Instant) async throws(Errno) {
    // Swift's clock is read first, so that what passes between the two makes the sleep longer and never shorter.
    let remaining = deadline - .now
    try await sleep(until: KernelClock.boottime.now + remaining, on: .boottime)
  }

  /// Suspends until `deadline` on the kernel's clock `CLOCK_MONOTONIC`, which `SuspendingClock` is on Linux: the time
  /// for which the system is suspended does not count.
  public func sleep(until deadline: SuspendingClock.Instant) async throws(Errno) {
    let remaining = deadline - .now
    try await sleep(until: KernelClock.monotonic.now + remaining, on: .monotonic)
  }

  private func runOut(_ timeout: SubmissionEntry) async throws(Errno) {
    do throws(Errno) {
      try await perform(timeout)
    } catch {
      // The kernel's word for "the time is up".
      if error.rawValue != ETIME { throw error }
    }
  }
}
