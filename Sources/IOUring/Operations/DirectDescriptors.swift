import CUring
import SystemPackage

/// A place in a ring's own table of files, which a file can be opened into instead of a descriptor of the process
/// (io_uring_register_files_sparse(3)). Operations on it spare the kernel looking up and counting a descriptor, and
/// only they can be on a file that an earlier operation of the same ``OperationChain`` opens.
///
/// A place may be used again only when the **close** of what was in it has completed.
public struct DirectDescriptor: Sendable, Hashable {
  public let index: UInt32

  /// The largest table that the kernel makes.
  private static let mostPlaces: UInt32 = 1 << 20

  /// A place below the size of the table, ``Ring/Configuration/fileTable``.
  public init(_ index: UInt32) {
    precondition(index < Self.mostPlaces, "no table has such a place")
    self.index = index
  }
}

extension SubmissionEntry {
  /// openat(2) into a place of the ring's table; what was there is closed. Completes with 0. There is no close-on-exec,
  /// since no other process can have it.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    into place: DirectDescriptor
  ) -> SubmissionEntry {
    openDirect(path, directory, mode, options, permissions, place.index + 1)
  }

  /// openat(2) into a free place of the ring's table, which the kernel finds. Completes with the place's index, or with
  /// `ENFILE` if the table is full. Linux 5.19.
  public static func openDirect(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) -> SubmissionEntry {
    openDirect(path, directory, mode, options, permissions, CURING_FILE_INDEX_ALLOC)
  }

  private static func openDirect(
    _ path: FilePath, _ directory: FileDescriptor?, _ mode: FileDescriptor.AccessMode,
    _ options: FileDescriptor.OpenOptions, _ permissions: FilePermissions, _ fileIndex: UInt32
  ) -> SubmissionEntry {
    var entry = open(path, at: directory, mode, options: options, permissions: permissions)
    // The kernel refuses close-on-exec for what is no descriptor (EINVAL).
    entry.request.operation_flags = UInt32(mode.rawValue | options.subtracting(.closeOnExec).rawValue)
    entry.request.file_index = fileIndex
    return entry
  }

  /// ``read(_:into:count:at:)`` of a file in the ring's table.
  public static func read(
    _ file: DirectDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    read(FileDescriptor(rawValue: -1), into: buffer, count: count, at: offset).on(file)
  }

  /// ``write(_:from:count:at:)`` to a file in the ring's table.
  public static func write(
    _ file: DirectDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    write(FileDescriptor(rawValue: -1), from: buffer, count: count, at: offset).on(file)
  }

  /// ``fsync(_:)-(FileDescriptor)`` of a file in the ring's table.
  public static func fsync(_ file: DirectDescriptor) -> SubmissionEntry {
    fsync(FileDescriptor(rawValue: -1)).on(file)
  }

  /// ``fdatasync(_:)-(FileDescriptor)`` of a file in the ring's table.
  public static func fdatasync(_ file: DirectDescriptor) -> SubmissionEntry {
    fdatasync(FileDescriptor(rawValue: -1)).on(file)
  }

  /// Closes a file in the ring's table and frees its place. Completes with 0, or `EBADF` if the place is empty.
  public static func close(_ file: DirectDescriptor) -> SubmissionEntry {
    var entry = SubmissionEntry(CURING_OP_CLOSE, descriptor: 0)
    entry.request.file_index = file.index + 1
    return entry
  }

  /// The same operation on a file in the ring's table (`IOSQE_FIXED_FILE`), for those that work on one descriptor.
  public func on(_ file: DirectDescriptor) -> SubmissionEntry {
    var entry = self
    entry.request.fd = Int32(bitPattern: file.index)
    entry.request.flags |= UInt8(CURING_SQE_FIXED_FILE)
    return entry
  }
}
