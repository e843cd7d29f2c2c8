import CLinuxSystem
import CUring
import Glibc
import LinuxSystem
import SystemPackage

// The kernel hands a statx to one of the ring's worker threads; once it is at work there, cancelling comes too late. It
// is asked for all that `FileStatus` has, and leaves out what it does not know.
extension SubmissionEntry {
  private static let wanted = UInt32(LINUX_STATX_BASIC_STATS | LINUX_STATX_BTIME | LINUX_STATX_MNT_ID)

  /// statx(2) of `path`, relative to `directory` or the working directory; of a symbolic link itself unless it is to be
  /// followed. Completes with 0 and the structure in `memory`.
  ///
  /// Errors: `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`, `ENAMETOOLONG`, and `EBADF` for a directory that is not open.
  public static func status(
    of path: FilePath, at directory: FileDescriptor? = nil, followSymbolicLink: Bool = false,
    into memory: FileStatus.Memory
  ) -> SubmissionEntry {
    status(
      path.memory(), directory?.rawValue ?? AT_FDCWD, flags: followSymbolicLink ? 0 : UInt32(AT_SYMLINK_NOFOLLOW),
      memory)
  }

  /// statx(2) of an open file. Completes with 0 and the structure in `memory`.
  public static func status(of file: FileDescriptor, into memory: FileStatus.Memory) -> SubmissionEntry {
    status(PathMemory("", count: 0), file.rawValue, flags: UInt32(LINUX_AT_EMPTY_PATH), memory)
  }

  private static func status(
    _ path: PathMemory, _ descriptor: Int32, flags: UInt32, _ memory: FileStatus.Memory
  ) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_STATX, descriptor: descriptor, address: UInt64(path.address), length: wanted,
      offset: UInt64(memory.address), flags: flags, memory: MemoryPair(path, memory))
  }
}
