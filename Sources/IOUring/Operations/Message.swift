import CUring

extension SubmissionEntry {
  /// Posts a message on the completion queue of the ring with this descriptor (io_uring_prep_msg_ring(3)), where
  /// ``Ring/takeCompletions(_:onMessage:)`` finds it. Completes with 0 when the kernel has it; nothing bounds how many
  /// there are. Linux 5.18.
  ///
  /// Errors: `EBADFD` if the descriptor is no ring's, or the ring is disabled still; `EOVERFLOW` if there is no memory
  /// for it.
  ///
  /// For the ring of a ``RingLoop`` there is ``RingLoop/send(_:to:)``, which knows whether it has room; without that
  /// the loop drops what is too much.
  ///
  /// - Parameter ring: ``Ring/descriptor``.
  public static func message(_ message: UInt64, to ring: Int32) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_MSG_RING, descriptor: ring, length: UInt32(truncatingIfNeeded: message),
      offset: OperationID.userData(ofMessage: message))
  }
}
