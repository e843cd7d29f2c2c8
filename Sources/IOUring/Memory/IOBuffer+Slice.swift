import CLinuxSystem
import Glibc

extension IOBuffer {
  /// The most slices of one vectored operation: the kernel's `UIO_MAXIOV`, the C library's `IOV_MAX`. More are a
  /// programming error.
  public static let mostSlices = LINUX_IOV_MAX

  /// A part of a buffer, for the operations that read into several at once, or write from several.
  public struct Slice {
    /// The buffer, which the slice keeps alive.
    public let buffer: IOBuffer
    /// The bytes of it, counted from the buffer's start.
    public let range: Range<Int>

    fileprivate init(_ buffer: IOBuffer, _ range: Range<Int>) {
      precondition(range.lowerBound >= 0 && range.upperBound <= buffer.capacity, "the slice goes past its buffer")
      (self.buffer, self.range) = (buffer, range)
    }
  }

  /// The bytes of `range`, which lies within the buffer and may be empty.
  public func slice(_ range: Range<Int>) -> Slice {
    Slice(self, range)
  }

  /// The whole buffer.
  public var whole: Slice { Slice(self, 0..<capacity) }
}

/// The array of a vectored operation, and the buffers that it points into.
final class VectorMemory {
  let address: UnsafeMutablePointer<iovec>
  let slices: [IOBuffer.Slice]

  var count: UInt32 { UInt32(slices.count) }

  init(_ slices: [IOBuffer.Slice]) {
    precondition(
      !slices.isEmpty && slices.count <= IOBuffer.mostSlices,
      "a vectored operation has between 1 and \(IOBuffer.mostSlices) slices")
    self.slices = slices
    address = .allocate(capacity: slices.count)
    for (index, slice) in slices.enumerated() {
      (address + index).initialize(
        to: iovec(iov_base: slice.buffer.base + slice.range.lowerBound, iov_len: slice.range.count))
    }
  }

  deinit {
    address.deallocate()
  }
}
