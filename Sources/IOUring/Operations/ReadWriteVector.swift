import CLinuxSystem
import CUring
import SystemPackage

extension SubmissionEntry {
  /// The most slices of one vectored operation: the kernel's `UIO_MAXIOV`, the C library's `IOV_MAX`. It answers
  /// `EINVAL` to more, so asking for more is an error of the program.
  public static let mostSlices = LINUX_IOV_MAX

  /// preadv(2): fills the slices one after the other from `offset` in the file, or from its position if `offset` is -1.
  /// Completes with the number of bytes read in all; 0 is the end of the file, fewer than asked for is no error.
  ///
  /// The kernel reads inline what is in the page cache, and what `O_DIRECT` or a wait on the disk can deliver later
  /// without one of the ring's worker threads. The array and all buffers stay alive until the completion. Errors are
  /// those of read(2): `EBADF`, `EISDIR`, `EINVAL` if `O_DIRECT` demands another alignment of a slice.
  ///
  /// - Parameter slices: 1 to ``mostSlices``; they may be empty, and of one buffer several times.
  public static func readVector(
    _ file: FileDescriptor, into slices: [IOBuffer.Slice], at offset: Int64
  ) -> SubmissionEntry {
    vectored(CURING_OP_READV, .filling, file, slices, offset)
  }

  /// pwritev(2): writes the slices one after the other to `offset` in the file, or to its position if `offset` is -1.
  /// Completes with the number of bytes written in all, which may be fewer.
  ///
  /// Most file systems have buffered writes done by one of the ring's worker threads. The array and all buffers stay
  /// alive until the completion. Errors are those of write(2): `EBADF`, `ENOSPC`, `EFBIG`, `EPIPE` without a signal.
  ///
  /// - Parameter slices: 1 to ``mostSlices``; they may be empty, and of one buffer several times.
  public static func writeVector(
    _ file: FileDescriptor, from slices: [IOBuffer.Slice], at offset: Int64
  ) -> SubmissionEntry {
    vectored(CURING_OP_WRITEV, .emptying, file, slices, offset)
  }

  private static func vectored(
    _ opcode: Int, _ direction: BufferTransfer.Direction, _ file: FileDescriptor, _ slices: [IOBuffer.Slice],
    _ offset: Int64
  ) -> SubmissionEntry {
    let vectors = VectorMemory(slices)
    return SubmissionEntry(
      opcode, descriptor: file.rawValue, address: UInt64(vectors.address), length: vectors.count,
      offset: UInt64(bitPattern: offset), transfer: BufferTransfer(direction, vectors))
  }
}
