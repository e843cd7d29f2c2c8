import CLinuxSystem
import CUring
import Glibc
import SystemPackage

extension SubmissionEntry {
  /// openat(2). A relative `path` starts at `directory`, or at the working directory if that is nil. The descriptor is
  /// close-on-exec. Completes with the descriptor.
  ///
  /// Unless the path is wholly in the dentry cache, the kernel hands the call to one of the ring's worker threads.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> SubmissionEntry {
    let memory = path.memory()
    return SubmissionEntry(
      CURING_OP_OPENAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(memory.address),
      length: UInt32(permissions.rawValue), flags: UInt32(mode.rawValue | options.rawValue | O_CLOEXEC),
      memory: memory)
  }

  /// openat(2) with `O_TMPFILE`: a file without a name in `directory`, which is gone when its last descriptor is closed
  /// unless ``link(_:to:at:)`` has given it a name. Completes with the descriptor, which is close-on-exec; with
  /// `EOPNOTSUPP` if the file system has no such files, `ENOENT` or `ENOTDIR` if there is no such directory.
  ///
  /// - Parameter mode: writing, or reading and writing; reading alone is `EINVAL`.
  ///
  /// The kernel hands the call to one of the ring's worker threads.
  public static func openUnnamed(
    in path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readWrite,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> SubmissionEntry {
    let unnamed = FileDescriptor.OpenOptions(rawValue: Int32(LINUX_O_TMPFILE) | O_DIRECTORY)
    return open(path, at: directory, mode, options: unnamed, permissions: permissions)
  }

  /// close(2). Completes with 0. The descriptor is gone even if the result is an error.
  public static func close(_ file: FileDescriptor) -> SubmissionEntry {
    SubmissionEntry(CURING_OP_CLOSE, descriptor: file.rawValue)
  }
}
