import CLinuxSystem
import CUring
import Glibc
import LinuxSystem
import SystemPackage

// The kernel hands a statx to one of the ring's worker threads; once a thread is performing it, cancelling comes too
// late. All fields of `FileStatus` are requested; the kernel leaves out those that it does not know.
extension RingOperation<FileStatus> {
  /// statx(2) of `path`, relative to `directory` or the working directory; of a symbolic link itself unless it is to be
  /// followed. Completes with 0.
  ///
  /// Errors: `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`, `ENAMETOOLONG`, and `EBADF` for a directory that is not open.
  public static func status(
    of path: FilePath, at directory: FileDescriptor? = nil, followSymbolicLink: Bool = false
  ) -> RingOperation {
    let memory = FileStatus.Memory()
    return reading(memory, .status(of: path, at: directory, followSymbolicLink: followSymbolicLink, into: memory))
  }

  /// statx(2) of an open file. Completes with 0.
  public static func status(of file: FileDescriptor) -> RingOperation {
    let memory = FileStatus.Memory()
    return reading(memory, .status(of: file, into: memory))
  }

  private static func reading(_ memory: FileStatus.Memory, _ operation: RingOperation<Void>) -> RingOperation {
    RingOperation(operation.entry) { result throws(Errno) in
      _ = try Errno.check(result)
      return memory.status
    }
  }
}

// For chains and rings, which give results only.
extension RingOperation<Void> {
  /// ``status(of:at:followSymbolicLink:)`` with the structure in `memory`.
  public static func status(
    of path: FilePath, at directory: FileDescriptor? = nil, followSymbolicLink: Bool = false,
    into memory: FileStatus.Memory
  ) -> RingOperation {
    status(
      path.memory(), directory?.rawValue ?? AT_FDCWD, flags: followSymbolicLink ? 0 : UInt32(AT_SYMLINK_NOFOLLOW),
      memory)
  }

  /// ``status(of:)`` with the structure in `memory`.
  public static func status(of file: FileDescriptor, into memory: FileStatus.Memory) -> RingOperation {
    status(PathMemory("", count: 0), file.rawValue, flags: UInt32(LINUX_AT_EMPTY_PATH), memory)
  }

  private static func status(
    _ path: PathMemory, _ descriptor: Int32, flags: UInt32, _ memory: FileStatus.Memory
  ) -> RingOperation {
    RingOperation(
      SubmissionEntry(
        CURING_OP_STATX, descriptor: descriptor, address: UInt64(path.address),
        length: UInt32(LINUX_STATX_BASIC_STATS | LINUX_STATX_BTIME | LINUX_STATX_MNT_ID),
        offset: UInt64(memory.address), flags: flags, memory: RetainedPair(path, memory)))
  }
}
