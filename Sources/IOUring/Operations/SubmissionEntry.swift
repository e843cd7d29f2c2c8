import CUring
import SystemPackage

/// A submission queue entry: what the kernel is to do, and the memory that must stay where it is until the kernel has
/// done it.
@usableFromInline
struct SubmissionEntry {
  /// The fields of the queue entry. `user_data` and the timeout's address are filled when the entry gets its slot.
  var request: curing_request
  /// Kept alive until the completion.
  var memory: AnyObject?
  /// The buffers, which are kept alive, too.
  var transfer: BufferTransfer?
  /// A time, which is copied to a fixed address: the kernel reads it when the entry is submitted.
  var timeout: KernelTime?

  init(
    _ opcode: Int, descriptor: Int32 = -1, address: UInt64 = 0, length: UInt32 = 0, offset: UInt64 = 0,
    flags: UInt32 = 0, bufferIndex: UInt16 = 0, memory: AnyObject? = nil,
    transfer: BufferTransfer? = nil, timeout: KernelTime? = nil
  ) {
    let isRefused = Self.hasRefusedPath(opcode, address, offset)
    request = curing_request(
      opcode: UInt8(opcode), flags: 0, buffer_index: isRefused ? 1 : bufferIndex, fd: descriptor, offset: offset,
      address: address, length: length, operation_flags: flags, user_data: 0, file_index: 0)
    self.memory = memory
    self.transfer = transfer
    self.timeout = timeout
  }

  /// Whether a path has a NUL, and so was replaced by an address that the kernel refuses. Such an entry also names a
  /// registered buffer, which no operation on a path may: the kernel answers `EINVAL` before it looks for the path,
  /// which would be `EFAULT`.
  private static func hasRefusedPath(_ opcode: Int, _ address: UInt64, _ offset: UInt64) -> Bool {
    let refused = UInt64(PathMemory.refusedAddress)
    switch opcode {
    case CURING_OP_OPENAT, CURING_OP_OPENAT2, CURING_OP_STATX, CURING_OP_MKDIRAT, CURING_OP_UNLINKAT:
      return address == refused
    case CURING_OP_RENAMEAT, CURING_OP_LINKAT, CURING_OP_SYMLINKAT:
      return address == refused || offset == refused
    default:
      return false
    }
  }
}

/// `struct __kernel_timespec`.
struct KernelTime {
  var seconds: Int64
  var nanoseconds: Int64

  /// A negative duration counts as zero; a duration that the kernel cannot represent as the longest that it can.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = min(max(duration, .zero), .seconds(Int64.max)).components
    self.seconds = seconds
    nanoseconds = attoseconds / 1_000_000_000
  }
}

extension UInt64 {
  init(_ pointer: UnsafeRawPointer) {
    self.init(UInt(bitPattern: pointer))
  }
}
