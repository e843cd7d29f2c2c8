import CLinuxSystem
import CUring
import Glibc
import SystemPackage

// A relative path starts at the directory that follows it, or at the working directory if that is nil. The kernel hands
// these operations to a worker thread of the ring; once the thread is performing one, cancelling comes too late. Linux
// 5.15.
extension RingOperation<Void> {
  /// linkat(2): another name for a file. Completes with 0. An existing file is never replaced.
  ///
  /// Errors: `EEXIST` if the new name is taken; `ENOENT`; `EXDEV` if it is on another file system; `EPERM` for a
  /// directory, for a file that the process may not link (proc(5), `protected_hardlinks`), or a file system without
  /// links; `EMLINK`.
  ///
  /// - Parameter followSymbolicLink: whether a symbolic link is followed; if not, the link itself gets another name.
  public static func link(
    _ path: FilePath, at directory: FileDescriptor? = nil, to newPath: FilePath,
    newDirectory: FileDescriptor? = nil, followSymbolicLink: Bool = false
  ) -> RingOperation {
    RingOperation(
      SubmissionEntry(
        CURING_OP_LINKAT, from: path.memory(), directory, to: newPath.memory(), newDirectory,
        flags: followSymbolicLink ? UInt32(AT_SYMLINK_FOLLOW) : 0))
  }

  /// linkat(2) of an open file, such as one of ``openUnnamed(in:at:_:permissions:)``. Completes with 0.
  ///
  /// The path of the file is its entry in /proc/self/fd, which needs no privilege on any kernel. Errors are those of
  /// ``link(_:at:to:newDirectory:followSymbolicLink:)``; `ENOENT` also if the file had a name and has lost it, if it
  /// was opened with `O_EXCL`, or if /proc is not mounted (``linkByDescriptor(_:to:at:)`` does not need it).
  public static func link(
    _ file: FileDescriptor, to newPath: FilePath, at newDirectory: FileDescriptor? = nil
  ) -> RingOperation {
    let path = FilePath("/proc/self/fd/\(file.rawValue)")
    return link(path, to: newPath, newDirectory: newDirectory, followSymbolicLink: true)
  }

  /// The same with `AT_EMPTY_PATH`, without /proc. `ENOENT` unless the process has the capability `CAP_DAC_READ_SEARCH`
  /// or, since Linux 6.10, has opened the file with its present credentials.
  public static func linkByDescriptor(
    _ file: FileDescriptor, to newPath: FilePath, at newDirectory: FileDescriptor? = nil
  ) -> RingOperation {
    RingOperation(
      SubmissionEntry(
        CURING_OP_LINKAT, from: PathMemory("", count: 0), file, to: newPath.memory(), newDirectory,
        flags: UInt32(LINUX_AT_EMPTY_PATH)))
  }

  /// symlinkat(2): makes a symbolic link at `path` with the contents `target`, which need not exist and is not
  /// examined. Completes with 0.
  ///
  /// Errors: `EEXIST` if the name is taken; `ENOENT` if a directory of the path does not exist, or the target is empty;
  /// `ENAMETOOLONG`; `EPERM` if the file system has no symbolic links.
  public static func symbolicLink(
    _ path: FilePath, at directory: FileDescriptor? = nil, to target: FilePath
  ) -> RingOperation {
    let (new, text) = (path.memory(), target.memory())
    return RingOperation(
      SubmissionEntry(
        CURING_OP_SYMLINKAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(text.address),
        offset: UInt64(new.address), memory: RetainedPair(new, text)))
  }
}
