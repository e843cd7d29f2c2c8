import CLinuxSystem
import CUring
import SystemPackage

/// What fallocate(2) does with a range of a file. Without any flag it allocates the range and extends the file if
/// necessary.
///
/// A file system answers `EOPNOTSUPP` to a mode that it does not support.
public struct AllocationMode: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private init(_ flag: Int) {
    rawValue = UInt32(flag)
  }

  /// The file keeps its size, even if blocks are allocated beyond its end.
  public static let keepSize = AllocationMode(LINUX_FALLOC_KEEP_SIZE)
  /// The range becomes a hole: its blocks are freed, and it reads as zeros. Only together with ``keepSize``.
  public static let punchHole = AllocationMode(LINUX_FALLOC_PUNCH_HOLE)
  /// The range is removed, and what follows moves towards the start. Whole blocks only, not up to the end of the file.
  public static let collapseRange = AllocationMode(LINUX_FALLOC_COLLAPSE_RANGE)
  /// The range is allocated and reads as zeros.
  public static let zeroRange = AllocationMode(LINUX_FALLOC_ZERO_RANGE)
  /// A hole is inserted, and what follows moves towards the end. Whole blocks only, not at the end of the file.
  public static let insertRange = AllocationMode(LINUX_FALLOC_INSERT_RANGE)
  /// Blocks that are shared with other files are copied, so that a later write cannot fail for lack of space.
  public static let unshareRange = AllocationMode(LINUX_FALLOC_UNSHARE_RANGE)
}

extension RingOperation<Void> {
  /// fallocate(2) of `count` bytes from `offset`. Completes with 0.
  ///
  /// Errors: `ENOSPC`, before anything is written; `EFBIG`; `EBADF` if the file is not open for writing; `EINVAL` if
  /// `count` is not greater than 0, `offset` is negative, or the mode's requirements are not met; `EOPNOTSUPP`;
  /// `ESPIPE` for a pipe, `ENODEV` for what is neither a regular file nor a directory.
  ///
  /// The kernel hands the call to one of the ring's worker threads; once the thread is performing it, cancelling comes
  /// too late.
  public static func fallocate(
    _ file: FileDescriptor, offset: Int64, count: Int64, mode: AllocationMode = []
  ) -> RingOperation {
    // The length is in the field that other operations use for an address.
    RingOperation(
      SubmissionEntry(
        CURING_OP_FALLOCATE, descriptor: file.rawValue, address: UInt64(bitPattern: count), length: mode.rawValue,
        offset: UInt64(bitPattern: offset)))
  }
}
