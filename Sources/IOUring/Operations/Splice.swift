import CLinuxSystem
import CUring
import SystemPackage

/// Hints for splice(2).
///
/// `SPLICE_F_NONBLOCK` is missing: no thread of the program blocks in a splice on a ring.
public struct SpliceFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Pages may be moved instead of copied. Only FUSE has heeded it since Linux 2.6.21.
  public static let move = SpliceFlags(rawValue: UInt32(LINUX_SPLICE_MOVE))
  /// More data will follow, so a socket should not send a small packet yet.
  public static let more = SpliceFlags(rawValue: UInt32(LINUX_SPLICE_MORE))
}

extension RingOperation<Int> {
  /// splice(2): moves up to `count` bytes from one descriptor to another, at least one of which is a pipe, without a
  /// copy in the program. Completes with the number of bytes, possibly fewer; 0 at the end of the input.
  ///
  /// The kernel hands it to one of the ring's worker threads, which waits until the input has data and the output has
  /// room. Cancelling ends that wait with `ECANCELED`, and no bytes have been moved.
  ///
  /// Errors: `EINVAL` if neither is a pipe, both are the same pipe, the output appends, or a file cannot be spliced;
  /// `ESPIPE` if an offset is given for a pipe; `EBADF`; `EPIPE` without a signal if the pipe has no reader. Linux 5.7.
  ///
  /// - Parameters:
  ///   - inputOffset: where to read in a file; nil (the kernel's -1) for a pipe, or to use the file's own position.
  ///   - outputOffset: where to write in a file; likewise.
  ///   - count: in bytes, not negative.
  public static func splice(
    from input: FileDescriptor, inputOffset: Int64? = nil, to output: FileDescriptor, outputOffset: Int64? = nil,
    count: Int, flags: SpliceFlags = []
  ) -> RingOperation {
    precondition(count >= 0, "a count of bytes is not negative")
    // The kernel may move fewer bytes, so a count that does not fit into the entry can be clamped.
    var entry = SubmissionEntry(
      CURING_OP_SPLICE, descriptor: output.rawValue, address: UInt64(bitPattern: inputOffset ?? -1),
      length: UInt32(clamping: count), offset: UInt64(bitPattern: outputOffset ?? -1), flags: flags.rawValue)
    entry.request.file_index = UInt32(bitPattern: input.rawValue)
    return RingOperation(entry)
  }
}
