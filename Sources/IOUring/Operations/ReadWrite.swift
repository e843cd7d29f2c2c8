import CUring
import SystemPackage

extension RingOperation<Int> {
  /// pread(2) into the first `count` bytes of `buffer` (all of it by default), from `offset` in the file. Completes
  /// with the number of bytes read; 0 at the end of the file, and possibly fewer than requested.
  public static func read(
    _ file: FileDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    transfer(CURING_OP_READ, .filling, file, buffer, count, offset)
  }

  /// The same into the buffer that was registered under `index`, which the kernel need not map for each operation.
  /// `buffer` must be the one that ``Ring/register(_:)`` was given at that index, else the result is `EFAULT`.
  public static func readFixed(
    _ file: FileDescriptor, into buffer: IOBuffer, index: UInt16, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    transfer(CURING_OP_READ_FIXED, .filling, file, buffer, count, offset, index: index)
  }

  /// pwrite(2) of the first `count` bytes of `buffer` (all of it by default) to `offset` in the file. Completes with
  /// the number of bytes written, which may be fewer. The buffer must hold them (``IOBuffer/filledCount``) when the
  /// operation is pushed, unless an earlier operation of the same chain reads into it.
  public static func write(
    _ file: FileDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    transfer(CURING_OP_WRITE, .emptying, file, buffer, count, offset)
  }

  /// The same from the buffer that was registered under `index`, which the kernel need not map for each operation.
  /// `buffer` must be the one that ``Ring/register(_:)`` was given at that index, else the result is `EFAULT`.
  public static func writeFixed(
    _ file: FileDescriptor, from buffer: IOBuffer, index: UInt16, count: Int? = nil, at offset: Int64
  ) -> RingOperation {
    transfer(CURING_OP_WRITE_FIXED, .emptying, file, buffer, count, offset, index: index)
  }

  private static func transfer(
    _ opcode: Int, _ direction: BufferTransfer.Direction, _ file: FileDescriptor, _ buffer: IOBuffer, _ count: Int?,
    _ offset: Int64, index: UInt16 = 0
  ) -> RingOperation {
    let count = count ?? buffer.capacity
    precondition(count >= 0 && count <= buffer.capacity, "the operation goes past the end of its buffer")
    // The kernel may transfer fewer bytes than requested, so a count that does not fit into the entry can be clamped.
    return RingOperation(
      SubmissionEntry(
        opcode, descriptor: file.rawValue, address: UInt64(buffer.base), length: UInt32(clamping: count),
        offset: UInt64(bitPattern: offset), bufferIndex: index,
        transfer: BufferTransfer(direction, buffer, count: count)))
  }
}
