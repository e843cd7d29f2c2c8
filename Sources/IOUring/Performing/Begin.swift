import Glibc
import SystemPackage

/// What came of an attempt to begin an operation.
///
/// There is no errno in ``begun(_:)``, and no result in the other cases: a file system may answer any errno to an
/// operation, so an errno alone never tells whether the kernel has seen the operation.
enum Begin {
  /// The kernel performs it, or will when the loop enters the kernel the next time.
  case begun(OperationID)
  /// There is no slot, other tasks wait for slots and come first, or the kernel is short of memory. It may be tried
  /// again.
  case noRoom
  /// The calling thread is not the loop's.
  case notOnLoop
  /// The loop begins nothing of the kind any more, or never.
  case refused(Refusal)

  /// Why an operation was never begun.
  enum Refusal: Error, Equatable {
    /// The task was cancelled while it waited for slots.
    case cancelled
    case shutDown
    /// More operations than a ring of this size takes at once.
    case tooLong
    /// The ring cannot be entered any more, with this errno.
    case ringFailed(Errno)

    /// The error that the calls throw.
    var errno: Errno {
      switch self {
      case .cancelled: .canceled
      case .shutDown: .socketShutdown
      case .tooLong: .invalidArgument
      case .ringFailed(let errno): errno
      }
    }
  }
}

/// How an operation ended that was to be performed.
enum Ending<Value> {
  /// The kernel has answered; the value may be an errno.
  case completed(Value)
  /// The kernel has not seen the operation.
  case neverBegun(Begin.Refusal)

  func map<Other>(_ transform: (Value) -> Other) -> Ending<Other> {
    switch self {
    case .completed(let value): .completed(transform(value))
    case .neverBegun(let reason): .neverBegun(reason)
    }
  }
}

extension Ending<Int32> {
  /// The result as ``RingOperation/value`` takes it: a refusal is an errno with its sign changed.
  var result: Int32 {
    switch self {
    case .completed(let result): result
    case .neverBegun(let reason): -reason.errno.rawValue
    }
  }

  /// Closes `file` by close(2) if the kernel has not seen the operation that was to close it. A completed close is
  /// never repeated, whatever its errno: the descriptor is closed, and its number may already be another file's.
  ///
  /// - Returns: the result of the close that was made.
  func closing(_ file: FileDescriptor) -> Ending {
    switch self {
    case .completed: self
    case .neverBegun: .completed(Glibc.close(file.rawValue) < 0 ? -errno : 0)
    }
  }
}
