import CUring

extension SubmissionEntry {
  /// Posts a message on the completion queue of another ring (io_uring_prep_msg_ring(3)), which finds it by
  /// ``Ring/takeCompletions(_:onMessage:)``. Completes with 0 when it is there. Linux 5.18.
  ///
  /// Errors: `EBADFD` if the descriptor is no ring's, `EOVERFLOW` if there is no room for the message, `ENOMEM`, `EINVAL` where
  /// the kernel has no such operation. Nobody counts the messages to a bare ring: who sends more than it takes makes its queue
  /// overflow. ``RingLoop/send(_:to:)`` counts them.
  ///
  /// - Parameter ring: ``Ring/descriptor``.
  public static func message(_ message: UInt64, to ring: Int32) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_MSG_RING, descriptor: ring, length: UInt32(truncatingIfNeeded: message),
      offset: OperationID.userData(ofMessage: message))
  }
}
