import CUring
import SystemPackage

extension SubmissionEntry {
  /// pread(2) into the first `count` bytes of `buffer` (all of it by default), from `offset` in the file. Completes with the
  /// number of bytes read; 0 is the end of the file, fewer than asked for is no error.
  public static func read(
    _ file: FileDescriptor, into buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_READ, descriptor: file.rawValue, address: UInt64(buffer.base), length: buffer.length(count),
      offset: UInt64(bitPattern: offset), memory: buffer)
  }

  /// The same into the buffer that was registered under `index`, which spares the kernel mapping it for each operation.
  /// `buffer` must be the one that ``Ring/register(_:)`` was given at that place, else the result is `EFAULT`.
  public static func readFixed(
    _ file: FileDescriptor, into buffer: IOBuffer, index: UInt16, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_READ_FIXED, descriptor: file.rawValue, address: UInt64(buffer.base), length: buffer.length(count),
      offset: UInt64(bitPattern: offset), bufferIndex: index, memory: buffer)
  }

  /// pwrite(2) of the first `count` bytes of `buffer` (all of it by default) to `offset` in the file. Completes with the
  /// number of bytes written, which may be fewer.
  public static func write(
    _ file: FileDescriptor, from buffer: IOBuffer, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_WRITE, descriptor: file.rawValue, address: UInt64(buffer.base), length: buffer.length(count),
      offset: UInt64(bitPattern: offset), memory: buffer)
  }

  /// The same from the buffer that was registered under `index`, which spares the kernel mapping it for each operation.
  /// `buffer` must be the one that ``Ring/register(_:)`` was given at that place, else the result is `EFAULT`.
  public static func writeFixed(
    _ file: FileDescriptor, from buffer: IOBuffer, index: UInt16, count: Int? = nil, at offset: Int64
  ) -> SubmissionEntry {
    SubmissionEntry(
      CURING_OP_WRITE_FIXED, descriptor: file.rawValue, address: UInt64(buffer.base), length: buffer.length(count),
      offset: UInt64(bitPattern: offset), bufferIndex: index, memory: buffer)
  }
}

extension IOBuffer {
  fileprivate func length(_ count: Int?) -> UInt32 {
    let count = count ?? capacity
    precondition(count >= 0 && count <= capacity, "the operation goes past the end of its buffer")
    return UInt32(count)
  }
}
