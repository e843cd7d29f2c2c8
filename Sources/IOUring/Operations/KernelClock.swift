import Glibc

/// The clocks of clock_gettime(2) that a timeout can go by.
public enum KernelClock: Sendable, Hashable, CaseIterable {
  /// `CLOCK_MONOTONIC`: since some moment in the past; it stands still while the system is suspended. Swift's
  /// `SuspendingClock` on Linux.
  case monotonic
  /// `CLOCK_BOOTTIME`: as ``monotonic``, but it goes on while the system is suspended. Swift's `ContinuousClock` on
  /// Linux.
  case boottime
  /// `CLOCK_REALTIME`: the time of day, since 1970-01-01 UTC. It jumps when it is set, and a deadline jumps with it.
  case realtime

  /// What the clock says.
  public var now: Duration {
    var time = timespec()
    // It cannot fail: the clocks are older than io_uring.
    clock_gettime(number, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private var number: clockid_t {
    switch self {
    case .monotonic: CLOCK_MONOTONIC
    case .boottime: CLOCK_BOOTTIME
    case .realtime: CLOCK_REALTIME
    }
  }
}
