import CUring
import SystemPackage

extension Ring {
  /// Registers buffers for the fixed operations, in the order of their indices: the kernel pins and maps them once.
  ///
  /// The ring keeps them alive until ``unregisterBuffers()``. Without the privilege CAP_IPC_LOCK their size counts
  /// against `RLIMIT_MEMLOCK`.
  ///
  /// - Throws: `ENOMEM` if the limit is too low, `EBUSY` if buffers are registered already.
  public mutating func register(_ buffers: [IOBuffer]) throws(Errno) {
    let addresses = buffers.map { UInt64($0.base) }
    let lengths = buffers.map { UInt64($0.capacity) }
    _ = try Self.check(curing_register_buffers(handle, addresses, lengths, UInt32(buffers.count)))
    registeredBuffers = buffers
  }

  /// Releases the buffers, once no operation uses them.
  public mutating func unregisterBuffers() throws(Errno) {
    _ = try Self.check(curing_unregister_buffers(handle))
    registeredBuffers = []
  }
}
