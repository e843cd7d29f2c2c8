import CLinuxSystem
import CUring
import Glibc
import SystemPackage

/// What poll(2) waits for, and finds.
public struct PollEvents: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private init(_ event: Int32) {
    rawValue = UInt32(event)
  }

  /// There is something to read, the end of it included.
  public static let readable = PollEvents(POLLIN)
  /// Something urgent, as poll(2) lists it.
  public static let priority = PollEvents(POLLPRI)
  /// There is room to write.
  public static let writable = PollEvents(POLLOUT)
  /// The other end of a stream socket writes no more.
  public static let peerClosedWriting = PollEvents(rawValue: UInt32(LINUX_POLLRDHUP))
  /// An error is pending, or nobody reads the pipe. Always waited for.
  public static let error = PollEvents(POLLERR)
  /// The other end has hung up. Always waited for.
  public static let hangUp = PollEvents(POLLHUP)
}

extension SubmissionEntry {
  /// poll(2), once: waits until one of the events is there, or ``PollEvents/error`` or ``PollEvents/hangUp``. Completes
  /// with the `rawValue` of those that are. A regular file is always ready.
  ///
  /// It costs no worker thread: the kernel looks once, and then waits on the file's own queue. Cancelled, it completes
  /// with `ECANCELED`. `EBADF` if the descriptor is not open.
  public static func poll(_ file: FileDescriptor, for events: PollEvents) -> SubmissionEntry {
    SubmissionEntry(CURING_OP_POLL_ADD, descriptor: file.rawValue, flags: events.rawValue)
  }
}
