import CUring

extension SubmissionEntry {
  /// Does nothing and completes with 0. Measures the way through the ring.
  public static func noOperation() -> SubmissionEntry {
    SubmissionEntry(CURING_OP_NOP)
  }
}
