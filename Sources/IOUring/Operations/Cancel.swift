import CUring
import SystemPackage

// Cancelling one operation is the ring's own affair (`Ring.cancel`): such a request has no slot of its own, it borrows
// the name of the operation that it cancels, with a bit to tell the two completions apart.
extension SubmissionEntry {
  /// Cancels one operation. The result says whether it was found; the operation's own completion says how it ended.
  static func cancel(_ id: OperationID) -> SubmissionEntry {
    var entry = SubmissionEntry(CURING_OP_ASYNC_CANCEL, address: id.userData)
    entry.request.user_data = id.userData | OperationID.cancelBit
    return entry
  }

  /// Cancels every operation in flight on a descriptor. Completes with how many were found; each of them completes by
  /// itself. Linux 5.19; io_uring_prep_cancel(3).
  public static func cancelAll(on file: FileDescriptor) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_ASYNC_CANCEL, descriptor: file.rawValue, flags: UInt32(CURING_CANCEL_FD | CURING_CANCEL_ALL))
  }

  /// Cancels every operation in flight on the ring. It completes as ``cancelAll(on:)`` does. Linux 5.19.
  public static func cancelAll() -> SubmissionEntry {
    SubmissionEntry(CURING_OP_ASYNC_CANCEL, flags: UInt32(CURING_CANCEL_ANY | CURING_CANCEL_ALL))
  }
}
