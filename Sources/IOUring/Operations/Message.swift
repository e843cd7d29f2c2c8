import CUring

extension SubmissionEntry {
  /// Posts a message on the completion queue of the ring with this descriptor (io_uring_prep_msg_ring(3)), where
  /// ``Ring/takeCompletions(_:onMessage:)`` finds it. Completes with 0 when it is there. Linux 5.18.
  static func message(_ message: UInt64, to ring: Int32) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_MSG_RING, descriptor: ring, length: UInt32(truncatingIfNeeded: message),
      offset: OperationID.userData(ofMessage: message))
  }
}
