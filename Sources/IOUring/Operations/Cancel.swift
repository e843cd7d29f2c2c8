import CUring

// Cancelling is the ring's own affair (`Ring.cancel`): a cancel request has no slot of its own, it borrows the name of the
// operation that it cancels, with a bit to tell the two completions apart.
extension SubmissionEntry {
  /// Cancels one operation. The result says whether it was found; the operation's own completion says how it ended.
  static func cancel(_ id: OperationID) -> SubmissionEntry {
    var entry = SubmissionEntry(CURING_OP_ASYNC_CANCEL, address: id.userData)
    entry.request.user_data = id.userData | OperationID.cancelBit
    return entry
  }
}
