import CLinuxSystem
import CUring
import Glibc
import SystemPackage

extension RingOperation<FileDescriptor> {
  /// openat(2). A relative `path` starts at `directory`, or at the working directory if that is nil. The descriptor is
  /// close-on-exec. Completes with the descriptor.
  ///
  /// Unless the whole path is in the dentry cache, the kernel hands the call to one of the ring's worker threads. The
  /// caller closes the descriptor.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> RingOperation {
    RingOperation(.open(path, directory, mode.rawValue | options.rawValue | O_CLOEXEC, permissions))
  }

  /// openat(2) with `O_TMPFILE`: a file without a name in the directory `path`, which is deleted when its last
  /// descriptor is closed unless ``link(_:to:at:)`` has given it a name. Completes with the descriptor, which is
  /// close-on-exec; with `EOPNOTSUPP` if the file system has no such files, `ENOENT` or `ENOTDIR` if there is no such
  /// directory.
  ///
  /// - Parameter mode: writing, or reading and writing; reading alone is `EINVAL`.
  ///
  /// The kernel hands the call to one of the ring's worker threads.
  public static func openUnnamed(
    in path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readWrite,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> RingOperation {
    let unnamed = FileDescriptor.OpenOptions(rawValue: Int32(LINUX_O_TMPFILE) | O_DIRECTORY)
    return open(path, at: directory, mode, options: unnamed, permissions: permissions)
  }
}

extension RingOperation<Void> {
  /// close(2). Completes with 0. The descriptor is closed even if the result is an error.
  ///
  /// ``RingLoop/perform(_:)-(RingOperation<Value>)`` closes the descriptor in any case: if the operation cannot begin,
  /// because the task is cancelled while it waits for a slot or because the loop has shut down, the calling thread
  /// calls close(2). Only if the ring fails while the operation is in flight (``RingLoop/failure``) the descriptor may
  /// stay open.
  public static func close(_ file: FileDescriptor) -> RingOperation {
    RingOperation(SubmissionEntry(CURING_OP_CLOSE, descriptor: file.rawValue))
  }
}

extension SubmissionEntry {
  static func open(
    _ path: FilePath, _ directory: FileDescriptor?, _ flags: Int32, _ permissions: FilePermissions
  ) -> SubmissionEntry {
    let memory = path.memory()
    return SubmissionEntry(
      CURING_OP_OPENAT, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(memory.address),
      length: UInt32(permissions.rawValue), flags: UInt32(bitPattern: flags), memory: memory)
  }

  private var isClose: Bool { Int(request.opcode) == CURING_OP_CLOSE }

  /// A cancelled close would leave a descriptor open that no code knows of.
  var isCancellable: Bool { !isClose }

  /// Whether the operation closes a file in the ring's table, which no system call can close.
  var closesDirectDescriptor: Bool { isClose && request.file_index != 0 }

  /// The descriptor that the operation closes.
  var closedDescriptor: FileDescriptor? {
    isClose && request.file_index == 0 ? FileDescriptor(rawValue: request.fd) : nil
  }
}
