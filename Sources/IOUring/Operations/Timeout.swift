import CUring

extension SubmissionEntry {
  /// Completes once `duration` has passed on the monotonic clock. The result of a timeout that ran its course is
  /// `ETIME`, which ``RingLoop/sleep(for:)`` takes for success.
  public static func timeout(_ duration: Duration) -> SubmissionEntry {
    // One timespec; no number of completions that would end the wait early.
    SubmissionEntry(CURING_OP_TIMEOUT, length: 1, timeout: KernelTime(duration))
  }

  /// Completes once `clock` says `deadline` or later, with the result `ETIME`; at once if it does already. Unlike the
  /// time of a relative timeout, this does not move while the entry waits to be submitted.
  ///
  /// It is a timer of the kernel: no thread waits. Cancelled, it completes with `ECANCELED`. `EINVAL` on a kernel older
  /// than Linux 5.15, but for the monotonic clock. io_uring_prep_timeout(3), `IORING_TIMEOUT_ABS`.
  ///
  /// - Parameter deadline: as ``KernelClock/now`` counts; a negative one is 0, and what is beyond 292 years is
  ///   never.
  public static func timeout(until deadline: Duration, on clock: KernelClock) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_TIMEOUT, length: 1, flags: UInt32(CURING_TIMEOUT_ABS) | clock.timeoutFlag,
      timeout: KernelTime(deadline))
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
