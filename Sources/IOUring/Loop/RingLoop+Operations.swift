import Glibc
import LinuxSystem
import SystemPackage

// The operations as calls. Each suspends, may be cancelled, and throws as `perform` says; the entries' comments say the
// rest.
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

  /// openat2(2); see ``SubmissionEntry/open(_:at:_:options:permissions:resolving:)``. The caller closes the descriptor.
  public func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    resolving flags: ResolveFlags
  ) async throws(Errno) -> FileDescriptor {
    let entry = SubmissionEntry.open(
      path, at: directory, mode, options: options, permissions: permissions, resolving: flags)
    return FileDescriptor(rawValue: try await perform(entry))
  }

  /// openat(2) with `O_TMPFILE`; see ``SubmissionEntry/openUnnamed(in:at:_:permissions:)``. The caller closes the
  /// descriptor.
  public func openUnnamed(
    in path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readWrite,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) async throws(Errno) -> FileDescriptor {
    FileDescriptor(rawValue: try await perform(.openUnnamed(in: path, at: directory, mode, permissions: permissions)))
  }

  /// close(2). The descriptor is gone whatever this throws: where the loop cannot do it, because the task is cancelled
  /// while it waits for a place or because the loop has shut down, the present thread does. Only if the ring fails
  /// while it is at it (``failure``) the descriptor may stay open.
  public func close(_ file: FileDescriptor) async throws(Errno) {
    try Self.finishClose(of: file, await complete(.close(file)))
  }

  /// Closes the file if the kernel has not been told to. An errno does not say that: a file system may answer any errno
  /// when it is told of a close, and the number may be another file's by then.
  static func finishClose(of file: FileDescriptor, _ ending: Result<Int32, NotBegun>) throws(Errno) {
    switch ending {
    case .success(let result): _ = try value(result)
    case .failure: if Glibc.close(file.rawValue) < 0 { throw Errno(rawValue: errno) }
    }
  }

  /// pread(2): up to `count` bytes (the buffer's capacity by default) from `offset`. Returns how many came; 0 is the
  /// end.
  public func read(
    _ file: FileDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.read(file, into: buffer, count: count, at: offset)))
  }

  /// pwrite(2): the buffer's first `count` bytes (all by default) to `offset`. Returns how many went, which may be
  /// fewer.
  public func write(
    _ file: FileDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.write(file, from: buffer, count: count, at: offset)))
  }

  /// preadv(2); see ``SubmissionEntry/readVector(_:into:at:)``. Returns how many bytes came in all; 0 is the end.
  public func readVector(
    _ file: FileDescriptor, into slices: [IOBuffer.Slice], at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.readVector(file, into: slices, at: offset)))
  }

  /// pwritev(2); see ``SubmissionEntry/writeVector(_:from:at:)``. Returns how many bytes went in all, which may be
  /// fewer.
  public func writeVector(
    _ file: FileDescriptor, from slices: [IOBuffer.Slice], at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.writeVector(file, from: slices, at: offset)))
  }

  /// splice(2); see ``SubmissionEntry/splice(from:inputOffset:to:outputOffset:count:flags:)``. Returns how many bytes
  /// went; 0 is the end.
  public func splice(
    from input: FileDescriptor, inputOffset: Int64? = nil, to output: FileDescriptor, outputOffset: Int64? = nil,
    count: Int, flags: SpliceFlags = []
  ) async throws(Errno) -> Int {
    let entry = SubmissionEntry.splice(
      from: input, inputOffset: inputOffset, to: output, outputOffset: outputOffset, count: count, flags: flags)
    return Int(try await perform(entry))
  }

  /// poll(2), once; see ``SubmissionEntry/poll(_:for:)``. Returns the events that are there.
  public func poll(_ file: FileDescriptor, for events: PollEvents) async throws(Errno) -> PollEvents {
    PollEvents(rawValue: UInt32(try await perform(.poll(file, for: events))))
  }

  /// statx(2) of `path`; of a symbolic link itself unless `followSymbolicLink` says otherwise. See
  /// ``SubmissionEntry/status(of:at:followSymbolicLink:into:)``.
  public func status(
    of path: FilePath, at directory: FileDescriptor? = nil, followSymbolicLink: Bool = false
  ) async throws(Errno) -> FileStatus {
    let memory = FileStatus.Memory()
    try await perform(.status(of: path, at: directory, followSymbolicLink: followSymbolicLink, into: memory))
    return memory.status
  }

  /// statx(2) of an open file.
  public func status(of file: FileDescriptor) async throws(Errno) -> FileStatus {
    let memory = FileStatus.Memory()
    try await perform(.status(of: file, into: memory))
    return memory.status
  }
}
