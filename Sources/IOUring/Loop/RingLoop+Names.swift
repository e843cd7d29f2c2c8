import SystemPackage

// Calls that change directories. Each suspends, may be cancelled, and throws as `perform` says; the entries' comments
// say the rest.
extension RingLoop {
  /// mkdirat(2).
  public func makeDirectory(
    _ path: FilePath, at directory: FileDescriptor? = nil,
    permissions: FilePermissions = [.ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute]
  ) async throws(Errno) {
    try await perform(.makeDirectory(path, at: directory, permissions: permissions))
  }

  /// unlinkat(2) of anything but a directory.
  public func unlink(_ path: FilePath, at directory: FileDescriptor? = nil) async throws(Errno) {
    try await perform(.unlink(path, at: directory))
  }

  /// unlinkat(2) of an empty directory.
  public func removeDirectory(_ path: FilePath, at directory: FileDescriptor? = nil) async throws(Errno) {
    try await perform(.removeDirectory(path, at: directory))
  }

  /// renameat2(2); see ``SubmissionEntry/rename(_:at:to:newDirectory:options:)``.
  public func rename(
    _ path: FilePath, at directory: FileDescriptor? = nil, to newPath: FilePath,
    newDirectory: FileDescriptor? = nil, options: RenameOptions = []
  ) async throws(Errno) {
    try await perform(.rename(path, at: directory, to: newPath, newDirectory: newDirectory, options: options))
  }

  /// linkat(2) of a path; see ``SubmissionEntry/link(_:at:to:newDirectory:followSymbolicLink:)``.
  public func link(
    _ path: FilePath, at directory: FileDescriptor? = nil, to newPath: FilePath,
    newDirectory: FileDescriptor? = nil, followSymbolicLink: Bool = false
  ) async throws(Errno) {
    try await perform(
      .link(path, at: directory, to: newPath, newDirectory: newDirectory, followSymbolicLink: followSymbolicLink))
  }

  /// linkat(2) of an open file, by way of /proc; see ``SubmissionEntry/link(_:to:at:)``.
  public func link(
    _ file: FileDescriptor, to newPath: FilePath, at newDirectory: FileDescriptor? = nil
  ) async throws(Errno) {
    try await perform(.link(file, to: newPath, at: newDirectory))
  }

  /// linkat(2) of an open file, without /proc; see ``SubmissionEntry/linkByDescriptor(_:to:at:)``.
  public func linkByDescriptor(
    _ file: FileDescriptor, to newPath: FilePath, at newDirectory: FileDescriptor? = nil
  ) async throws(Errno) {
    try await perform(.linkByDescriptor(file, to: newPath, at: newDirectory))
  }

  /// symlinkat(2): a symbolic link at `path` that says `target`.
  public func symbolicLink(
    _ path: FilePath, at directory: FileDescriptor? = nil, to target: FilePath
  ) async throws(Errno) {
    try await perform(.symbolicLink(path, at: directory, to: target))
  }
}
