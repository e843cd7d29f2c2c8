import Glibc
import SystemPackage

// The operations as calls. Each suspends, may be cancelled, and throws as `perform` says; the entries' comments say the rest.
extension RingLoop {
  /// Goes once through the ring and does nothing.
  public func noOperation() async throws(Errno) {
    try await perform(.noOperation())
  }

  /// openat(2); see ``SubmissionEntry/open(_:at:_:options:permissions:)``. The caller closes the descriptor.
  public func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) async throws(Errno) -> FileDescriptor {
    FileDescriptor(
      rawValue: try await perform(.open(path, at: directory, mode, options: options, permissions: permissions)))
  }

  /// close(2).
  public func close(_ file: FileDescriptor) async throws(Errno) {
    try await perform(.close(file))
  }

  /// pread(2): up to `count` bytes (the buffer's capacity by default) from `offset`. Returns how many came; 0 is the end.
  public func read(
    _ file: FileDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.read(file, into: buffer, count: count, at: offset)))
  }

  /// pwrite(2): the buffer's first `count` bytes (all by default) to `offset`. Returns how many went, which may be fewer.
  public func write(
    _ file: FileDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.write(file, from: buffer, count: count, at: offset)))
  }

  /// statx(2).
  public func status(
    of path: FilePath, at directory: FileDescriptor? = nil, followSymbolicLink: Bool = false
  ) async throws(Errno) -> FileStatus {
    let memory = StatusMemory()
    try await perform(.status(of: path, at: directory, followSymbolicLink: followSymbolicLink, into: memory))
    return FileStatus(UnsafeRawBufferPointer(start: memory.address, count: StatusMemory.byteCount))
  }

  /// Suspends for `duration` on the monotonic clock, by a timeout of the kernel: no thread waits.
  public func sleep(for duration: Duration) async throws(Errno) {
    do throws(Errno) {
      try await perform(.timeout(duration))
    } catch {
      // The kernel's word for "the time is up".
      if error.rawValue != ETIME { throw error }
    }
  }
}
