import CUring

extension SubmissionEntry {
  /// Completes once `duration` has passed on the monotonic clock. The result of a timeout that ran its course is `ETIME`,
  /// which ``RingLoop/sleep(for:)`` takes for success.
  public static func timeout(_ duration: Duration) -> SubmissionEntry {
    // One timespec; no number of completions that would end the wait early.
    SubmissionEntry(CURING_OP_TIMEOUT, length: 1, timeout: KernelTime(duration))
  }
}
