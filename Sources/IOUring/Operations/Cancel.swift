import CUring

// A cancel request is the ring's own affair (`Ring.cancel`). It has no slot: it borrows the identifier of the operation
// that it cancels, with a bit that tells the two completions apart.
extension SubmissionEntry {
  /// Cancels the operation that has this `user_data`. The result says whether it was found; the operation's own
  /// completion says how it ended.
  static func cancel(_ userData: UInt64) -> SubmissionEntry {
    var entry = SubmissionEntry(CURING_OP_ASYNC_CANCEL, address: userData)
    entry.request.user_data = userData | OperationID.cancelBit
    return entry
  }
}
