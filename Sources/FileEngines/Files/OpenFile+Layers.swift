import Glibc

extension OpenFile {
  /// Whether the file ends at ``size`` unless it grows.
  var isSizeTrue: Bool { fileSystem.sizesAreTrue || isFoundOnDisk }

  /// Whether a read with `O_DIRECT` ends where others do. Where a daemon says another size than it gives bytes for, the
  /// page cache ends at that size, and direct reads somewhere behind it.
  var endsWhereSaid: Bool { isSizeTrue || isOnDisk }

  /// Whether the file is on a disk's file system, below an overlayfs if it is on one: whether the kernel knows extents
  /// of it (ioctl_fiemap(2)). An overlayfs passes the question on. FUSE, 9p, NFS and tmpfs know of none and refuse, and
  /// no daemon is asked.
  ///
  /// It is asked of the file, not once of the mount: each file may be of another layer, and stat(2) does not always
  /// tell of which.
  var isOnDisk: Bool {
    var request = ExtentRequest()
    return ioctl(descriptor.rawValue, ExtentRequest.code, &request) == 0
  }
}

/// `struct fiemap`, for the number of extents that one byte has.
private struct ExtentRequest {
  var start: UInt64 = 0
  var length: UInt64 = 1
  var flags: UInt32 = 0
  var mapped: UInt32 = 0
  var room: UInt32 = 0
  var reserved: UInt32 = 0

  /// `FS_IOC_FIEMAP`, _IOWR('f', 11, struct fiemap).
  static let code: UInt = 0xc020_660b
}
