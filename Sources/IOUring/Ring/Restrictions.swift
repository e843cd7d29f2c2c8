import CUring

extension Ring {
  /// What a hardened ring is allowed to do. The kernel enforces it as long as the ring exists, even if the process is
  /// compromised: everything else completes with `EACCES` (io_uring_register_restrictions(3), Linux 5.10).
  public struct Restrictions: Sendable, Hashable {
    /// ``Opcode/cancel`` is always allowed, and so is ``Opcode/read`` on the ring of a ``RingLoop``, which is woken by
    /// it.
    public var operations: Set<Opcode>
    /// Whether operations may be linked.
    public var allowsChains: Bool
    /// Whether operations may use files of the ring's table.
    public var allowsDirectDescriptors: Bool
    /// Whether buffers may be registered or provided once the ring is set up.
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
        | UInt8(allowsRegistration ? CURING_SQE_BUFFER_SELECT : 0)
    }
  }
}
