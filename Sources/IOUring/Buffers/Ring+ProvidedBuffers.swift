import CUring
import SystemPackage

/// A buffer that the kernel chose for an operation: which, of which group.
public struct ProvidedBuffer: Sendable, Hashable {
  public let group: UInt16
  public let index: UInt16
  /// How many bytes the operation has put into it.
  let byteCount: Int
}

/// A group of buffers, and the queue of the buffers that the kernel may choose.
struct ProvidedBufferQueue {
  let handle: OpaquePointer
  let buffers: [IOBuffer]

  func add(_ index: UInt16) {
    let buffer = buffers[Int(index)]
    buffer.beginFilling(from: 0, behind: 0)
    curing_buffers_add(handle, UInt64(buffer.base), UInt32(buffer.capacity), index)
  }

  /// The kernel has chosen the buffer and completed the operation.
  func take(_ buffer: ProvidedBuffer) {
    buffers[Int(buffer.index)].endTransfer(from: 0, filled: buffer.byteCount)
  }

  func destroy(_ ring: OpaquePointer) {
    curing_buffers_destroy(ring, handle)
  }

  /// Keeps the buffers, and the queue from which the kernel takes their addresses, for ever: the last resort if the
  /// kernel may still write into them.
  func leakMemory() {
    for buffer in buffers { _ = Unmanaged.passRetained(buffer) }
  }
}

// Buffers that belong to the ring instead of to an operation (io_uring_setup_buf_ring(3)): the kernel chooses one when
// data has arrived, so a thousand reads that wait need no memory.
extension Ring {
  /// The most buffers in a group, which the kernel sets.
  public static let mostProvidedBuffers = 32_768
  /// In bytes (struct io_uring_buf).
  private static let queueEntrySize = 16

  /// Gives the kernel buffers to choose from, for the operations that name this group. The ring keeps them alive.
  ///
  /// - Parameter buffers: their number is a power of two.
  /// - Throws: `EINVAL` if it is not, or if the kernel has no such queues (before Linux 5.19), `EEXIST` if the group
  ///   exists, `ENOMEM`.
  public mutating func provide(_ buffers: [IOBuffer], group: UInt16) throws(Errno) {
    let count = buffers.count
    guard count > 0, count <= Self.mostProvidedBuffers, count & (count - 1) == 0 else { throw .invalidArgument }
    if providedBuffers[group] != nil { throw .fileExists }
    let queue = ProvidedBufferQueue(handle: try makeQueue(count, group), buffers: buffers)
    for index in buffers.indices { queue.add(UInt16(index)) }
    providedBuffers[group] = queue
  }

  private func makeQueue(_ count: Int, _ group: UInt16) throws(Errno) -> OpaquePointer {
    try LockedMemory.waitingForRoom(for: Self.queueEntrySize * count) { () throws(Errno) in
      var made: OpaquePointer?
      _ = try Self.check(curing_buffers_create(handle, &made, group, UInt32(count)))
      guard let made else { throw .noMemory }
      return made
    }
  }

  /// The buffer that the kernel chose.
  public func memory(of buffer: ProvidedBuffer) -> IOBuffer {
    guard let queue = providedBuffers[buffer.group] else { preconditionFailure("the ring has no such group") }
    return queue.buffers[Int(buffer.index)]
  }

  /// Lets the kernel choose the buffer again. Call it once for each completion that has one, after using its bytes.
  public func giveBack(_ buffer: ProvidedBuffer) {
    providedBuffers[buffer.group]?.add(buffer.index)
  }
}

extension RingOperation<Int> {
  /// pread(2) into a buffer that the kernel chooses from a group when there is something to read. Completes with the
  /// number of bytes, and ``Ring/Completion/buffer``; or with `ENOBUFS` if all are in use or there is no such
  /// group.
  public static func read(_ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64) -> RingOperation {
    var entry = SubmissionEntry(
      CURING_OP_READ, descriptor: file.rawValue, offset: UInt64(bitPattern: offset), bufferIndex: group)
    entry.request.flags |= UInt8(CURING_SQE_BUFFER_SELECT)
    return RingOperation(entry)
  }
}

extension SubmissionEntry {
  /// The group that the kernel is to choose a buffer from.
  var bufferGroup: UInt16? {
    request.flags & UInt8(CURING_SQE_BUFFER_SELECT) != 0 ? request.buffer_index : nil
  }
}
