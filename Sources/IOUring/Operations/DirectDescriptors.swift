import CUring
import SystemPackage

/// An index into a ring's own table of files (io_uring_register_files_sparse(3)). A file can be opened into the table
/// instead of as a descriptor of the process. Operations on it save the kernel looking up a descriptor, and only they
/// can use a file that an earlier operation of the same ``OperationChain`` opens.
///
/// An index may be used again only when the **close** of its file has completed.
public struct DirectDescriptor: Sendable, Hashable {
  public let index: UInt32

  /// The largest table that the kernel makes.
  private static let largestTable: UInt32 = 1 << 20

  /// - Parameter index: less than the size of the table, ``Ring/Configuration/fileTable``.
  public init(_ index: UInt32) {
    precondition(index < Self.largestTable, "no table is so large")
    self.index = index
  }
}

extension RingOperation<Void> {
  /// openat(2) into the ring's table; a file that was there is closed. Completes with 0. Close-on-exec does not apply:
  /// no other process can inherit the file.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    into file: DirectDescriptor
  ) -> RingOperation {
    RingOperation(.openDirect(path, directory, mode, options, permissions, fileIndex: file.index + 1))
  }

  /// ``fsync(_:)-(FileDescriptor)`` of a file in the ring's table.
  public static func fsync(_ file: DirectDescriptor) -> RingOperation {
    fsync(.direct).on(file)
  }

  /// ``fdatasync(_:)-(FileDescriptor)`` of a file in the ring's table.
  public static func fdatasync(_ file: DirectDescriptor) -> RingOperation {
    fdatasync(.direct).on(file)
  }

  /// Closes a file in the ring's table and frees its index. Completes with 0, or `EBADF` if there is no file.
  ///
  /// ``RingLoop/perform(_:)-(RingOperation<Value>)`` closes the file even if the task is cancelled: it then waits for a
  /// slot nevertheless. A loop that ends closes all files of its table.
  public static func close(_ file: DirectDescriptor) -> RingOperation {
    var entry = SubmissionEntry(CURING_OP_CLOSE, descriptor: 0)
    entry.request.file_index = file.index + 1
    return RingOperation(entry)
  }
}

extension RingOperation<DirectDescriptor> {
  /// openat(2) at an index of the ring's table that the kernel chooses. Completes with the index, or with `ENFILE` if
  /// the table is full. Linux 5.19. The caller closes the file.
  public static func openDirect(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> RingOperation {
    RingOperation(.openDirect(path, directory, mode, options, permissions, fileIndex: CURING_FILE_INDEX_ALLOC)) {
      result throws(Errno) in DirectDescriptor(UInt32(try Errno.check(result)))
    }
  }
}

extension RingOperation<Int> {
  /// ``read(_:into:count:at:)`` of a file in the ring's table.
  public static func read(
    _ file: DirectDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    read(.direct, into: buffer, count: count, at: offset).on(file)
  }

  /// ``write(_:from:count:at:)`` to a file in the ring's table.
  public static func write(
    _ file: DirectDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    write(.direct, from: buffer, count: count, at: offset).on(file)
  }
}

extension RingOperation {
  /// The same operation on a file in the ring's table (`IOSQE_FIXED_FILE`), for the operations that work on one
  /// descriptor.
  public func on(_ file: DirectDescriptor) -> RingOperation {
    var operation = self
    operation.entry.request.fd = Int32(bitPattern: file.index)
    operation.entry.request.flags |= UInt8(CURING_SQE_FIXED_FILE)
    return operation
  }
}

extension FileDescriptor {
  /// Stands for the descriptor of an operation until ``RingOperation/on(_:)`` replaces it.
  fileprivate static let direct = FileDescriptor(rawValue: -1)
}

extension SubmissionEntry {
  fileprivate static func openDirect(
    _ path: FilePath, _ directory: FileDescriptor?, _ mode: FileDescriptor.AccessMode,
    _ options: FileDescriptor.OpenOptions, _ permissions: FilePermissions, fileIndex: UInt32
  ) -> SubmissionEntry {
    // The kernel refuses close-on-exec where there is no descriptor (EINVAL).
    let flags = mode.rawValue | options.subtracting(.closeOnExec).rawValue
    var entry = open(path, directory, flags, permissions)
    entry.request.file_index = fileIndex
    return entry
  }
}
