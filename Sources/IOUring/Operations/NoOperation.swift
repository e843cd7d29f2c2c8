import CUring

extension RingOperation<Void> {
  /// Does nothing and completes with 0. Measures the round trip through the ring.
  public static func noOperation() -> RingOperation {
    RingOperation(SubmissionEntry(CURING_OP_NOP))
  }
}
