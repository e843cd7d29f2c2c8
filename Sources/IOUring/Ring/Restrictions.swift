import CUring

/// An operation by the kernel's number for it (enum io_uring_op of <linux/io_uring.h>).
public struct Opcode: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  init(_ opcode: Int) {
    rawValue = UInt8(opcode)
  }

  public static let noOperation = Opcode(CURING_OP_NOP)
  public static let open = Opcode(CURING_OP_OPENAT)
  public static let close = Opcode(CURING_OP_CLOSE)
  public static let read = Opcode(CURING_OP_READ)
  public static let readFixed = Opcode(CURING_OP_READ_FIXED)
  public static let write = Opcode(CURING_OP_WRITE)
  public static let status = Opcode(CURING_OP_STATX)
  public static let timeout = Opcode(CURING_OP_TIMEOUT)
  public static let linkTimeout = Opcode(CURING_OP_LINK_TIMEOUT)
  public static let cancel = Opcode(CURING_OP_ASYNC_CANCEL)
  public static let message = Opcode(CURING_OP_MSG_RING)
}

extension Ring {
  /// What a hardened ring is allowed to do. The kernel enforces it until the ring is gone, whatever becomes of the process: all
  /// else completes with `EACCES` (io_uring_register_restrictions(3), Linux 5.10).
  public struct Restrictions: Sendable, Hashable {
    /// ``Opcode/cancel`` is always allowed. A ``RingLoop`` needs ``Opcode/read``, by which it is woken.
    public var operations: Set<Opcode>
    /// Whether operations may be linked.
    public var allowsChains: Bool
    /// Whether operations may be on files of the ring's table.
    public var allowsDirectDescriptors: Bool
    /// Whether buffers may be registered once the ring is set up.
    public var allowsRegistration: Bool

    public init(
      operations: Set<Opcode>, allowsChains: Bool = false, allowsDirectDescriptors: Bool = false,
      allowsRegistration: Bool = false
    ) {
      self.operations = operations
      self.allowsChains = allowsChains
      self.allowsDirectDescriptors = allowsDirectDescriptors
      self.allowsRegistration = allowsRegistration
    }

    var entryFlags: UInt8 {
      UInt8(allowsChains ? CURING_SQE_IO_LINK | CURING_SQE_IO_HARDLINK : 0)
        | UInt8(allowsDirectDescriptors ? CURING_SQE_FIXED_FILE : 0)
    }
  }
}
