import CUring
import Glibc

/// The array of a vectored operation, and the buffers that it points into.
final class VectorMemory {
  let address: UnsafeMutablePointer<iovec>
  let slices: [IOBuffer.Slice]

  var count: UInt32 { UInt32(slices.count) }

  init(_ slices: [IOBuffer.Slice]) {
    precondition(
      !slices.isEmpty && slices.count <= SubmissionEntry.mostSlices,
      "a vectored operation has between 1 and \(SubmissionEntry.mostSlices) slices")
    self.slices = slices
    address = .allocate(capacity: slices.count)
    for (place, slice) in slices.enumerated() {
      (address + place).initialize(
        to: iovec(iov_base: slice.buffer.base + slice.range.lowerBound, iov_len: slice.range.count))
    }
  }

  deinit {
    address.deallocate()
  }
}
