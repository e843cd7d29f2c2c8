import SystemPackage

extension RingLoop {
  /// Gives the kernel `count` buffers of `capacity` bytes to choose from, which live as long as the loop.
  ///
  /// - Parameter count: a power of two, at most ``Ring/mostProvidedBuffers``.
  /// - Throws: what ``Ring/provide(_:group:)`` throws; `ESHUTDOWN` if the loop is shut down.
  public func provideBuffers(_ count: Int, capacity: Int, group: UInt16) async throws(Errno) {
    try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await provideBuffersOnLoop(count, capacity: capacity, group: group)
    }
  }

  @concurrent private func provideBuffersOnLoop(_ count: Int, capacity: Int, group: UInt16) async throws(Errno) {
    let core = try usableCore()
    guard (1...Ring.mostProvidedBuffers).contains(count) else { throw .invalidArgument }
    try core.ring.provide((0..<count).map { _ in IOBuffer(capacity: capacity) }, group: group)
  }

  /// Reads into a buffer that the kernel chooses when there is something to read, calls `body` with the bytes, on the
  /// loop's thread, and gives the buffer back. No bytes mean the end of the file.
  ///
  /// Cancellation and errors are those of ``perform(_:)-(RingOperation<Value>)``; `ENOBUFS` if all buffers of the group
  /// are in use, or there is no such group.
  public func read<R: Sendable>(
    _ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64, _ body: @escaping @Sendable (RawSpan) -> R
  ) async throws(Errno) -> R {
    try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await readOnLoop(file, fromGroup: group, at: offset, body)
    }
  }

  @concurrent private func readOnLoop<R: Sendable>(
    _ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64, _ body: @escaping @Sendable (RawSpan) -> R
  ) async throws(Errno) -> R {
    switch await completeOnLoop(RingOperation.read(file, fromGroup: group, at: offset).entry) {
    case .completed(let completion):
      guard let core else { throw finalRefusal.errno }
      return try core.use(completion, body)
    case .neverBegun(let reason):
      throw reason.errno
    }
  }
}

extension LoopCore {
  /// Calls `body` with what a read into a buffer that the kernel chose has brought, and gives the buffer back.
  fileprivate func use<R>(_ completion: Ring.Completion, _ body: (RawSpan) -> R) throws(Errno) -> R {
    defer { if let buffer = completion.buffer { ring.giveBack(buffer) } }
    let count = Int(try Errno.check(completion.result))
    guard let buffer = completion.buffer else { return body(RawSpan()) }
    return ring.memory(of: buffer).withBytes(count, body)
  }
}
