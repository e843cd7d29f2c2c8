import SystemPackage

extension RingLoop {
  /// Gives the loop's ring `count` buffers of `capacity` bytes to choose from; see ``Ring/provide(_:group:)``.
  public func provideBuffers(_ count: Int, capacity: Int, group: UInt16) async throws(Errno) {
    if let core = ExecutorThread.core(of: self) {
      try core.provideBuffers(count, capacity: capacity, group: group)
    } else {
      try await withTaskExecutorPreference(self) { () async throws(Errno) in
        try await provideBuffersOnLoop(count, capacity: capacity, group: group)
      }
    }
  }

  /// Reads into a buffer that the kernel chooses when there is something to read, calls `body` with the bytes, on the loop's
  /// thread, and gives the buffer back. No bytes are the end.
  ///
  /// Cancellation and errors are those of ``perform(_:)-(SubmissionEntry)``; `ENOBUFS` if all buffers of the group are in use.
  public func read<R: Sendable>(
    _ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64, _ body: @escaping @Sendable (RawSpan) -> R
  ) async throws(Errno) -> R {
    if let core = ExecutorThread.core(of: self) {
      return try await core.read(file, fromGroup: group, at: offset, body)
    }
    return try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await readOnLoop(file, fromGroup: group, at: offset, body)
    }
  }

  @concurrent private func provideBuffersOnLoop(_ count: Int, capacity: Int, group: UInt16) async throws(Errno) {
    guard let core = ExecutorThread.core(of: self) else { throw .socketShutdown }
    try core.provideBuffers(count, capacity: capacity, group: group)
  }

  @concurrent private func readOnLoop<R: Sendable>(
    _ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64, _ body: @escaping @Sendable (RawSpan) -> R
  ) async throws(Errno) -> R {
    guard let core = ExecutorThread.core(of: self) else { throw .socketShutdown }
    return try await core.read(file, fromGroup: group, at: offset, body)
  }
}
