import CUring
import Glibc
import SystemPackage

// A timeout is a timer of the kernel: no thread waits. Cancelled, it completes with `ECANCELED`; when its time is up
// with `ETIME`, which is its success.
extension RingOperation<Void> {
  /// Completes once `duration` has passed on the monotonic clock.
  public static func timeout(_ duration: Duration) -> RingOperation {
    // One timespec; no number of completions that would end the wait early.
    timer(SubmissionEntry(CURING_OP_TIMEOUT, length: 1, timeout: KernelTime(duration)))
  }

  /// Completes once `clock` says `deadline` or later; at once if it does already. Unlike the time of a relative
  /// timeout, this does not move while the entry waits to be submitted.
  ///
  /// `EINVAL` on a kernel older than Linux 5.15, except for the monotonic clock. io_uring_prep_timeout(3),
  /// `IORING_TIMEOUT_ABS`.
  ///
  /// - Parameter deadline: as ``KernelClock/now`` counts; a negative one is 0, and one beyond 292 years is never
  ///   reached.
  public static func timeout(until deadline: Duration, on clock: KernelClock) -> RingOperation {
    timer(
      SubmissionEntry(
        CURING_OP_TIMEOUT, length: 1, flags: UInt32(CURING_TIMEOUT_ABS) | clock.timeoutFlag,
        timeout: KernelTime(deadline)))
  }

  /// Completes at `deadline` on the kernel's clock `CLOCK_BOOTTIME`, which `ContinuousClock` is on Linux: the time for
  /// which the system is suspended counts.
  public static func timeout(until deadline: ContinuousClock.Instant) -> RingOperation {
    // Swift's clock is read first, so that the time between the two reads makes the wait longer and never shorter.
    let remaining = deadline - .now
    return timeout(until: KernelClock.boottime.now + remaining, on: .boottime)
  }

  /// Completes at `deadline` on the kernel's clock `CLOCK_MONOTONIC`, which `SuspendingClock` is on Linux: the time for
  /// which the system is suspended does not count.
  public static func timeout(until deadline: SuspendingClock.Instant) -> RingOperation {
    let remaining = deadline - .now
    return timeout(until: KernelClock.monotonic.now + remaining, on: .monotonic)
  }

  private static func timer(_ entry: SubmissionEntry) -> RingOperation {
    RingOperation(entry) { result throws(Errno) in if result != -ETIME { _ = try Errno.check(result) } }
  }
}

extension KernelClock {
  fileprivate var timeoutFlag: UInt32 {
    switch self {
    case .monotonic: 0
    case .boottime: UInt32(CURING_TIMEOUT_BOOTTIME)
    case .realtime: UInt32(CURING_TIMEOUT_REALTIME)
    }
  }
}
