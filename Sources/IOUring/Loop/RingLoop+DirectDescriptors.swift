import SystemPackage

// Files in the table of the loop's ring (Ring.Configuration.fileTable). Each call suspends, may be cancelled, and
// throws as `perform` says; the entries' comments say the rest.
extension RingLoop {
  /// openat(2) into a free place of the ring's table; see ``SubmissionEntry/openDirect(_:at:_:options:permissions:)``.
  /// The caller closes it.
  public func openDirect(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) async throws(Errno) -> DirectDescriptor {
    let entry = SubmissionEntry.openDirect(path, at: directory, mode, options: options, permissions: permissions)
    return DirectDescriptor(UInt32(try await perform(entry)))
  }

  /// Closes a file in the ring's table, even if the task is cancelled: it then waits for a place all the same. A loop
  /// that ends closes all.
  public func close(_ file: DirectDescriptor) async throws(Errno) {
    _ = try Self.value(await complete(.close(file), waitsIfCancelled: true))
  }

  /// ``read(_:into:count:at:)`` of a file in the ring's table.
  public func read(
    _ file: DirectDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.read(file, into: buffer, count: count, at: offset)))
  }

  /// ``write(_:from:count:at:)`` to a file in the ring's table.
  public func write(
    _ file: DirectDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) async throws(Errno) -> Int {
    Int(try await perform(.write(file, from: buffer, count: count, at: offset)))
  }
}
