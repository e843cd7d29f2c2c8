import Glibc

/// The clocks of clock_gettime(2) that can measure a timeout.
public enum KernelClock: Sendable, Hashable, CaseIterable {
  /// `CLOCK_MONOTONIC`: the time since an unspecified moment, without the time for which the system is suspended.
  /// Swift's `SuspendingClock` on Linux.
  case monotonic
  /// `CLOCK_BOOTTIME`: as ``monotonic``, with the time for which the system is suspended. Swift's `ContinuousClock` on
  /// Linux.
  case boottime
  /// `CLOCK_REALTIME`: the time since 1970-01-01 UTC. When the clock is set, deadlines move with it.
  case realtime

  /// The clock's time.
  public var now: Duration {
    var time = timespec()
    // It cannot fail: every kernel with io_uring has these clocks.
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
