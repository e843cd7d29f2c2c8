import CLinuxSystem
import CUring
import SystemPackage

/// The steps of sync_file_range(2), in this order.
public struct SyncRangeFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Waits for the pages of the range that are under writeback.
  public static let waitBefore = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WAIT_BEFORE))
  /// Starts writeback of the dirty pages of the range that are not under writeback.
  public static let write = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WRITE))
  /// Waits for the writeback of all pages of the range.
  public static let waitAfter = SyncRangeFlags(rawValue: UInt32(LINUX_SYNC_FILE_RANGE_WAIT_AFTER))
}

// None of these waits for writes that are in flight on the ring: begin them when the writes have completed. The kernel
// hands them to a worker thread of the ring; once the thread is performing one, cancelling comes too late.
extension RingOperation<Void> {
  /// fsync(2): writes the file's contents and metadata to the disk. Completes with 0.
  ///
  /// Errors: `EIO`, `ENOSPC`, `EDQUOT` for a write that has failed since the last call, reported once; `EBADF`;
  /// `EINVAL` for a file that cannot be synchronized, such as a pipe.
  public static func fsync(_ file: FileDescriptor) -> RingOperation {
    RingOperation(SubmissionEntry(CURING_OP_FSYNC, descriptor: file.rawValue))
  }

  /// fdatasync(2): ``fsync(_:)`` without the metadata that is not needed to read the contents back, such as the times.
  /// Completes with 0.
  public static func fdatasync(_ file: FileDescriptor) -> RingOperation {
    RingOperation(
      SubmissionEntry(CURING_OP_FSYNC, descriptor: file.rawValue, flags: UInt32(CURING_FSYNC_DATASYNC)))
  }

  /// sync_file_range(2): starts or awaits the writeback of pages. Completes with 0. It does not cover the file's
  /// length, the locations of its blocks or the disk's own cache, so the data are **not** sure to outlive a crash; it
  /// keeps dirty pages from accumulating before an ``fsync(_:)``.
  ///
  /// Errors: `EBADF`, `EINVAL` for an invalid range or flags, `ESPIPE` for what is neither a file, a device nor a
  /// directory, `EIO`, `ENOSPC`.
  ///
  /// - Parameters:
  ///   - offset: in bytes; the kernel extends the range to whole pages.
  ///   - count: in bytes, less than 4 GiB, which is what the entry has room for; 0 means to the end of the file.
  public static func syncFileRange(
    _ file: FileDescriptor, offset: Int64 = 0, count: Int = 0, _ flags: SyncRangeFlags
  ) -> RingOperation {
    precondition(count >= 0 && count <= UInt32.max, "a range to be synchronized is shorter than 4 GiB")
    return RingOperation(
      SubmissionEntry(
        CURING_OP_SYNC_FILE_RANGE, descriptor: file.rawValue, length: UInt32(count),
        offset: UInt64(bitPattern: offset), flags: flags.rawValue))
  }
}
