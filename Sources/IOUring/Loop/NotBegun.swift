import Glibc
import SystemPackage

/// Why an operation was never begun. It says what no errno can say: the kernel has not seen the operation, whereas any
/// errno may be what a file system has answered to it.
enum NotBegun: Error, Equatable {
  /// The task was cancelled while it waited for a place.
  case cancelled
  case shutDown
  /// No ring of this size takes so many operations at once.
  case tooLong
  /// The ring cannot be entered any more, with this errno.
  case ringFailed(Errno)

  /// What the calls throw.
  var errno: Errno {
    switch self {
    case .cancelled: .canceled
    case .shutDown: .socketShutdown
    case .tooLong: .invalidArgument
    case .ringFailed(let errno): errno
    }
  }
}
