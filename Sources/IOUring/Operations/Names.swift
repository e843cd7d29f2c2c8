import CLinuxSystem
import CUring
import Glibc
import SystemPackage

/// What renameat2(2) does if the new name is taken. Without any flag the file is replaced atomically.
public struct RenameOptions: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The file is not replaced: `EEXIST` if the new name is taken.
  public static let noReplace = RenameOptions(rawValue: UInt32(LINUX_RENAME_NOREPLACE))
  /// The two files exchange their names atomically: `ENOENT` if the new name is not taken. Not together with
  /// ``noReplace``.
  public static let exchange = RenameOptions(rawValue: UInt32(LINUX_RENAME_EXCHANGE))
}

// A relative path starts at the directory that follows it, or at the working directory if that is nil. The kernel hands
// these operations to a worker thread of the ring; once the thread is performing one, cancelling comes too late.
extension RingOperation<Void> {
  /// mkdirat(2). Completes with 0.
  ///
  /// Errors: `EEXIST` if the name is taken, even by a dangling symbolic link; `ENOENT` or `ENOTDIR` if a directory of
  /// the path does not exist; `EACCES`, `ENOSPC`, `EMLINK`, `EROFS`, `ENAMETOOLONG`. Linux 5.15.
  ///
  /// - Parameter permissions: of the new directory, less the process's umask.
  public static func makeDirectory(
    _ path: FilePath, at directory: FileDescriptor? = nil,
    permissions: FilePermissions = [.ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute]
  ) -> RingOperation {
    let memory = path.memory()
    return RingOperation(
      SubmissionEntry(
        CURING_OP_MKDIRAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(memory.address),
        length: UInt32(permissions.rawValue), memory: memory))
  }

  /// unlinkat(2): removes the name, and the file if that was its last name and no process has it open. A symbolic link
  /// is removed, not followed. Completes with 0.
  ///
  /// Errors: `ENOENT`; `EISDIR` for a directory; `EACCES`, `EPERM`, `EROFS`, `ENOTDIR`. Linux 5.11.
  public static func unlink(_ path: FilePath, at directory: FileDescriptor? = nil) -> RingOperation {
    unlink(path, directory, flags: 0)
  }

  /// unlinkat(2) with `AT_REMOVEDIR`: removes an empty directory. Completes with 0.
  ///
  /// Errors: `ENOTEMPTY`; `ENOTDIR` for a file that is no directory; `EBUSY` for a mount point; `EINVAL` for `.`; those
  /// of ``unlink(_:at:)``.
  public static func removeDirectory(_ path: FilePath, at directory: FileDescriptor? = nil) -> RingOperation {
    unlink(path, directory, flags: UInt32(AT_REMOVEDIR))
  }

  private static func unlink(_ path: FilePath, _ directory: FileDescriptor?, flags: UInt32) -> RingOperation {
    let memory = path.memory()
    return RingOperation(
      SubmissionEntry(
        CURING_OP_UNLINKAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(memory.address), flags: flags,
        memory: memory))
  }

  /// renameat2(2). Completes with 0. At every moment the new name leads to the old file or to the new one; after a
  /// crash the new file is sure to contain only what was synchronized before.
  ///
  /// Errors: `ENOENT`; `EXDEV` if the names are on different file systems; `EISDIR`, `ENOTDIR` if only one of the files
  /// is a directory; `ENOTEMPTY` or `EEXIST` for a directory that is not empty; `EINVAL` for a directory that would
  /// move into itself, or options that the file system does not support; those of ``RenameOptions``. Linux 5.11.
  public static func rename(
    _ path: FilePath, at directory: FileDescriptor? = nil, to newPath: FilePath,
    newDirectory: FileDescriptor? = nil, options: RenameOptions = []
  ) -> RingOperation {
    RingOperation(
      SubmissionEntry(
        CURING_OP_RENAMEAT, from: path.memory(), directory, to: newPath.memory(), newDirectory,
        flags: options.rawValue))
  }
}

extension SubmissionEntry {
  /// For the calls that take two directories and two paths.
  init(
    _ opcode: Int, from old: PathMemory, _ oldDirectory: FileDescriptor?, to new: PathMemory,
    _ newDirectory: FileDescriptor?, flags: UInt32
  ) {
    self.init(
      opcode, descriptor: oldDirectory?.rawValue ?? AT_FDCWD, address: UInt64(old.address),
      length: UInt32(bitPattern: newDirectory?.rawValue ?? AT_FDCWD), offset: UInt64(new.address), flags: flags,
      memory: RetainedPair(old, new))
  }
}
