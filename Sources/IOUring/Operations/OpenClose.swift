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
    let memory = path.withPlatformString { PathMemory($0) }
    return SubmissionEntry(
      CURING_OP_OPENAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(memory.address),
      length: UInt32(permissions.rawValue), flags: UInt32(mode.rawValue | options.rawValue | O_CLOEXEC),
      memory: memory)
  }

  /// close(2). Completes with 0. The descriptor is gone even if the result is an error.
  public static func close(_ file: FileDescriptor) -> SubmissionEntry {
    SubmissionEntry(CURING_OP_CLOSE, descriptor: file.rawValue)
  }
}
