import CUring
import SystemPackage

extension RingOperation<Int> {
  /// preadv(2): fills the slices one after the other from `offset` in the file, or from its position if `offset` is -1.
  /// Completes with the total number of bytes; 0 at the end of the file, and possibly fewer than requested.
  ///
  /// Bytes in the page cache are read inline; others, and those of `O_DIRECT`, arrive later without one of the ring's
  /// worker threads. The array and all buffers stay alive until the completion. Errors are those of read(2): `EBADF`,
  /// `EISDIR`, `EINVAL` if `O_DIRECT` requires another alignment of a slice.
  ///
  /// - Parameter slices: 1 to ``IOBuffer/mostSlices``; they may be empty, and several may be of one buffer.
  public static func readVector(
    _ file: FileDescriptor, into slices: [IOBuffer.Slice], at offset: Int64
  ) -> RingOperation {
    vectored(CURING_OP_READV, .filling, file, slices, offset)
  }

  /// pwritev(2): writes the slices one after the other to `offset` in the file, or to its position if `offset` is -1.
  /// Completes with the total number of bytes, possibly fewer than requested.
  ///
  /// Most file systems leave buffered writes to one of the ring's worker threads. The array and all buffers stay
  /// alive until the completion. Errors are those of write(2): `EBADF`, `ENOSPC`, `EFBIG`, `EPIPE` without a signal.
  ///
  /// - Parameter slices: 1 to ``IOBuffer/mostSlices``; they may be empty, and several may be of one buffer.
  public static func writeVector(
    _ file: FileDescriptor, from slices: [IOBuffer.Slice], at offset: Int64
  ) -> RingOperation {
    vectored(CURING_OP_WRITEV, .emptying, file, slices, offset)
  }

  private static func vectored(
    _ opcode: Int, _ direction: BufferTransfer.Direction, _ file: FileDescriptor, _ slices: [IOBuffer.Slice],
    _ offset: Int64
  ) -> RingOperation {
    let vectors = VectorMemory(slices)
    return RingOperation(
      SubmissionEntry(
        opcode, descriptor: file.rawValue, address: UInt64(vectors.address), length: vectors.count,
        offset: UInt64(bitPattern: offset), transfer: BufferTransfer(direction, vectors)))
  }
}
