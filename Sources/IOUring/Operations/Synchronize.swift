import CLinuxSystem
import CUring
import SystemPackage

/// What sync_file_range(2) does, in this order.
public struct SyncRangeFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Waits for those pages of the range whose writing has begun already.
  public static let waitBefore = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WAIT_BEFORE))
  /// Begins to write all dirty pages of the range whose writing has not begun.
  public static let write = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WRITE))
  /// Waits for the writing of all pages of the range.
  public static let waitAfter = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WAIT_AFTER))
}

// None of these waits for writes that are still in flight on the ring: begin them when the writes have completed. The
// kernel hands all of them to a worker thread of the ring, and once it is at work there, cancelling comes too late.
extension SubmissionEntry {
  /// fsync(2): the file's contents and all that is known of it reach the disk. Completes with 0.
  ///
  /// Errors: `EIO`, `ENOSPC`, `EDQUOT` for a write that failed since the last time, told once; `EBADF`; `EINVAL` if
  /// there is nothing to synchronize, as with a pipe.
  public static func fsync(_ file: FileDescriptor) -> SubmissionEntry {
    SubmissionEntry(CURING_OP_FSYNC, descriptor: file.rawValue)
  }

  /// fdatasync(2): as ``fsync(_:)``, without what is not needed to read the contents back, such as the times. Completes
  /// with 0.
  public static func fdatasync(_ file: FileDescriptor) -> SubmissionEntry {
    SubmissionEntry(CURING_OP_FSYNC, descriptor: file.rawValue, flags: UInt32(CURING_FSYNC_DATASYNC))
  }

  /// sync_file_range(2): begins or awaits the writing of pages. Completes with 0. It says nothing of the file's length,
  /// of where its blocks are, nor of the disk's own cache, so it is **no** promise that the data outlive a crash; it
  /// keeps dirty pages from piling up before an ``fsync(_:)``.
  ///
  /// Errors: `EBADF`, `EINVAL` for a range or flags that cannot be, `ESPIPE` for what is neither a file, a device nor a
  /// directory, `EIO`, `ENOSPC`.
  ///
  /// - Parameters:
  ///   - offset: in bytes; the kernel takes whole pages.
  ///   - count: in bytes, less than 4 GiB, since the ring's entry has no room for more; 0 is "to the end of the file".
  public static func syncFileRange(
    _ file: FileDescriptor, offset: Int64 = 0, count: Int = 0, _ flags: SyncRangeFlags
  ) -> SubmissionEntry {
    precondition(count >= 0 && count <= UInt32.max, "a range to be synchronized is shorter than 4 GiB")
    return SubmissionEntry(
      CURING_OP_SYNC_FILE_RANGE, descriptor: file.rawValue, length: UInt32(count), offset: UInt64(bitPattern: offset),
      flags: flags.rawValue)
  }
}
