import CLinuxSystem
import CUring
import Glibc
import SystemPackage

/// The events that poll(2) waits for and reports.
public struct PollEvents: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private init(_ event: Int32) {
    rawValue = UInt32(event)
  }

  /// There is data to read, or the end of it.
  public static let readable = PollEvents(POLLIN)
  /// An exceptional condition; poll(2) lists them.
  public static let priority = PollEvents(POLLPRI)
  /// Writing will not block.
  public static let writable = PollEvents(POLLOUT)
  /// The peer of a stream socket has shut down writing.
  public static let peerClosedWriting = PollEvents(rawValue: UInt32(LINUX_POLLRDHUP))
  /// An error is pending, or the pipe has no reader. Always waited for.
  public static let error = PollEvents(POLLERR)
  /// The other end has hung up. Always waited for.
  public static let hangUp = PollEvents(POLLHUP)
}

extension RingOperation<PollEvents> {
  /// poll(2), once: waits until one of the events is there, or ``PollEvents/error`` or ``PollEvents/hangUp``. Completes
  /// with the events that are there. A regular file is always ready.
  ///
  /// It needs no worker thread: the kernel checks once, and then waits on the file's own queue. Cancelled, it completes
  /// with `ECANCELED`. `EBADF` if the descriptor is not open.
  public static func poll(_ file: FileDescriptor, for events: PollEvents) -> RingOperation {
    RingOperation(SubmissionEntry(CURING_OP_POLL_ADD, descriptor: file.rawValue, flags: events.rawValue)) {
      result throws(Errno) in PollEvents(rawValue: UInt32(try Errno.check(result)))
    }
  }
}
