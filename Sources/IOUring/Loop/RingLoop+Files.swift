import SystemPackage

// Calls on open files that move no data. Each suspends, may be cancelled, and throws as `perform` says; the entries'
// comments say the rest.
extension RingLoop {
  /// fsync(2).
  public func fsync(_ file: FileDescriptor) async throws(Errno) {
    try await perform(.fsync(file))
  }

  /// fdatasync(2).
  public func fdatasync(_ file: FileDescriptor) async throws(Errno) {
    try await perform(.fdatasync(file))
  }

  /// sync_file_range(2), which is no promise that data outlive a crash; see
  /// ``SubmissionEntry/syncFileRange(_:offset:count:_:)``.
  public func syncFileRange(
    _ file: FileDescriptor, offset: Int64 = 0, count: Int = 0, _ flags: SyncRangeFlags
  ) async throws(Errno) {
    try await perform(.syncFileRange(file, offset: offset, count: count, flags))
  }

  /// fallocate(2); see ``SubmissionEntry/fallocate(_:offset:count:mode:)``.
  public func fallocate(
    _ file: FileDescriptor, offset: Int64, count: Int64, mode: AllocationMode = []
  ) async throws(Errno) {
    try await perform(.fallocate(file, offset: offset, count: count, mode: mode))
  }

  /// posix_fadvise(2); see ``SubmissionEntry/fadvise(_:_:offset:count:)``.
  public func fadvise(
    _ file: FileDescriptor, _ advice: FileAdvice, offset: Int64 = 0, count: Int64 = 0
  ) async throws(Errno) {
    try await perform(.fadvise(file, advice, offset: offset, count: count))
  }
}
