import SystemPackage

// Reads and writes through buffers that the kernel has pinned and mapped once (io_uring_register_buffers(3)) instead of
// for each operation.
extension RingLoop {
  /// Registers `count` new buffers of `capacity` bytes with the loop's ring, for as long as the loop lives. If the
  /// limit on locked memory forbids it, the calls below work nevertheless, through buffers that are not registered.
  ///
  /// - Parameter count: 1 to 16,384.
  /// - Returns: nil, or a sentence for the user: why the buffers are not registered, and what to change.
  /// - Throws: `EBUSY` if the loop has such buffers; `EINVAL` for a count that the kernel does not take; `EACCES` if
  ///   the ring's restrictions forbid it; `ESHUTDOWN` if the loop is shut down.
  public func registerBuffers(_ count: Int, capacity: Int) async throws(Errno) -> String? {
    try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await registerBuffersOnLoop(count, capacity: capacity)
    }
  }

  @concurrent private func registerBuffersOnLoop(_ count: Int, capacity: Int) async throws(Errno) -> String? {
    let core = try usableCore()
    guard (1...Ring.mostRegisteredBuffers).contains(count) else { throw .invalidArgument }
    if !core.registered.isEmpty { throw .resourceBusy }
    let buffers = (0..<count).map { _ in IOBuffer(capacity: capacity) }
    let note = try core.ring.registerIfAllowed(buffers)
    core.registered = RegisteredBuffers(buffers)
    return note
  }

  /// pread(2) of up to `count` bytes (a buffer's capacity by default) into a free registered buffer, which is free
  /// again when `body` has been called with the bytes, on the loop's thread. No bytes mean the end of the file.
  ///
  /// Cancellation and errors are those of ``perform(_:)-(RingOperation<Value>)``; `ENOBUFS` if all buffers are in use,
  /// or there are none.
  public func readRegistered<R: Sendable>(
    _ file: FileDescriptor, count: Int? = nil, at offset: Int64, _ body: @escaping @Sendable (RawSpan) -> R
  ) async throws(Errno) -> R {
    try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await withRegisteredBuffer { buffer, index throws(Errno) in
        let read = try await performOnLoop { $0.read(file, intoBuffer: index, count: count, at: offset) }
        return buffer.withBytes(read, body)
      }
    }
  }

  /// pwrite(2) from a free registered buffer: `fill` is called with all of it, on the loop's thread, and returns how
  /// many bytes are to be written. Returns how many have been written, which may be fewer.
  ///
  /// Cancellation and errors are as for ``readRegistered(_:count:at:_:)``.
  public func writeRegistered(
    _ file: FileDescriptor, at offset: Int64, _ fill: @escaping @Sendable (inout MutableRawSpan) -> Int
  ) async throws(Errno) -> Int {
    try await withTaskExecutorPreference(self) { () async throws(Errno) in
      try await withRegisteredBuffer { buffer, index throws(Errno) in
        let count = buffer.withMutableBytes(fill)
        return try await performOnLoop { $0.write(file, fromBuffer: index, count: count, at: offset) }
      }
    }
  }

  /// Takes a free buffer for the duration of `body`.
  @concurrent private func withRegisteredBuffer<R: Sendable>(
    _ body: (IOBuffer, UInt16) async throws(Errno) -> R
  ) async throws(Errno) -> R {
    guard let core else { throw finalRefusal.errno }
    guard let index = core.registered.take() else { throw .noBufferSpace }
    defer { self.core?.registered.giveBack(index) }
    return try await body(core.registered.buffers[Int(index)], index)
  }

  private func performOnLoop(_ operation: (borrowing Ring) -> RingOperation<Int>) async throws(Errno) -> Int {
    guard let core else { throw finalRefusal.errno }
    return try await perform(operation(core.ring))
  }
}

/// The registered buffers of a loop's ring, and which of them are free.
///
/// A plain value of the loop's thread.
struct RegisteredBuffers {
  private(set) var buffers: [IOBuffer] = []
  private var free: [UInt16] = []

  var isEmpty: Bool { buffers.isEmpty }

  init() {}

  init(_ buffers: [IOBuffer]) {
    self.buffers = buffers
    free = (0..<UInt16(buffers.count)).reversed()
  }

  /// Takes a free buffer, which has one user until it is given back.
  mutating func take() -> UInt16? { free.popLast() }

  mutating func giveBack(_ index: UInt16) {
    free.append(index)
  }
}
