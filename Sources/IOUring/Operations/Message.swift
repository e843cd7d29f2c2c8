import CUring

extension RingOperation<Void> {
  /// Posts a message on the completion queue of the ring with this descriptor (io_uring_prep_msg_ring(3)), where
  /// ``Ring/takeCompletions(_:onMessage:)`` finds it. Completes with 0 when the kernel has taken it; the number of
  /// messages is not bounded. Linux 5.18.
  ///
  /// Errors: `EBADFD` if the descriptor is not a ring's, or the ring is still disabled; `EOVERFLOW` if there is no
  /// memory for the message.
  ///
  /// Use ``RingLoop/send(_:to:)`` for the ring of a ``RingLoop``: it checks that the loop has room, and the loop drops
  /// messages for which it has none.
  ///
  /// - Parameter ring: ``Ring/descriptor``.
  public static func message(_ message: UInt64, to ring: Int32) -> RingOperation {
    RingOperation(
      SubmissionEntry(
        CURING_OP_MSG_RING, descriptor: ring, length: UInt32(truncatingIfNeeded: message),
        offset: OperationID.userData(ofMessage: message)))
  }
}
