import CUring
import SystemPackage

extension Ring {
  /// The kernel's limit on registered buffers.
  public static let mostRegisteredBuffers = 16_384

  /// Registers buffers for the fixed operations, in the order of their indices: the kernel pins and maps them once.
  ///
  /// The ring keeps them alive until ``unregisterBuffers()``. Without the privilege CAP_IPC_LOCK their size counts
  /// against `RLIMIT_MEMLOCK`.
  ///
  /// - Throws: `ENOMEM` if the limit is too low, `EBUSY` if buffers are registered already.
  public mutating func register(_ buffers: [IOBuffer]) throws(Errno) {
    let addresses = buffers.map { UInt64($0.base) }
    let lengths = buffers.map { UInt64($0.capacity) }
    try LockedMemory.waitingForRoom(for: buffers.reduce(0) { $0 + $1.capacity }) { () throws(Errno) in
      _ = try Self.check(curing_register_buffers(handle, addresses, lengths, UInt32(buffers.count)))
    }
    registeredBuffers = buffers
    unregisteredBuffers = []
  }

  /// Registers buffers if the limit on locked memory allows it. If not, ``read(_:intoBuffer:count:at:)`` and
  /// ``write(_:fromBuffer:count:at:)`` work with them nevertheless, but the kernel maps them for each operation.
  ///
  /// - Returns: nil, or a sentence for the user: why they are not registered, and what to change.
  /// - Throws: the other errors of ``register(_:)``.
  public mutating func registerIfAllowed(_ buffers: [IOBuffer]) throws(Errno) -> String? {
    do throws(Errno) {
      try register(buffers)
      return nil
    } catch {
      guard error == .noMemory || error == .notPermitted else { throw error }
      unregisteredBuffers = buffers
      return "\(buffers.count) buffers are used without being registered with the ring (\(error)): the limit on locked "
        + "memory is too low for them. Raise it (ulimit -l)."
    }
  }

  /// Reads into the buffer of this index, registered or not (``registerIfAllowed(_:)``).
  public func read(
    _ file: FileDescriptor, intoBuffer index: UInt16, count: Int? = nil, at offset: Int64
  ) -> RingOperation<Int> {
    if unregisteredBuffers.isEmpty {
      return .readFixed(file, into: registeredBuffers[Int(index)], index: index, count: count, at: offset)
    }
    return .read(file, into: unregisteredBuffers[Int(index)], count: count, at: offset)
  }

  /// Writes from the buffer of this index, registered or not (``registerIfAllowed(_:)``).
  public func write(
    _ file: FileDescriptor, fromBuffer index: UInt16, count: Int? = nil, at offset: Int64
  ) -> RingOperation<Int> {
    if unregisteredBuffers.isEmpty {
      return .writeFixed(file, from: registeredBuffers[Int(index)], index: index, count: count, at: offset)
    }
    return .write(file, from: unregisteredBuffers[Int(index)], count: count, at: offset)
  }

  /// Unregisters the buffers. No operation may use them.
  ///
  /// - Throws: `ENXIO` if there are none.
  public mutating func unregisterBuffers() throws(Errno) {
    if !unregisteredBuffers.isEmpty {
      unregisteredBuffers = []
      return
    }
    _ = try Self.check(curing_unregister_buffers(handle))
    registeredBuffers = []
  }
}
