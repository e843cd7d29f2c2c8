import CUring
import SystemPackage

extension Ring {
  /// What the kernel offers, found out by asking it (io_uring_register(2), IORING_REGISTER_PROBE), not by its version.
  public struct Capabilities: Sendable, Hashable {
    /// An opcode that this package uses, and whether the kernel has it.
    public struct Opcode: Sendable, Hashable {
      public let name: String
      public let isSupported: Bool
    }

    public let opcodes: [Opcode]
    /// How many opcodes the kernel knows in all.
    public let opcodeCount: Int
    /// The names of the IORING_FEAT_ bits that are set.
    public let features: [String]
    /// The set of flags that the kernel took.
    public let flags: SetupFlags
  }

  /// Asks the kernel.
  ///
  /// - Throws: `EINVAL` on a kernel that is too old to be asked.
  public func capabilities() throws(Errno) -> Capabilities {
    var supported = [UInt8](repeating: 0, count: 256)
    let count = try Self.check(curing_probe(handle, &supported, UInt32(supported.count)))
    let bits = curing_features(handle)
    return Capabilities(
      opcodes: Self.opcodeNames.map {
        Capabilities.Opcode(name: $0.name, isSupported: supported[$0.opcode] == 1)
      },
      opcodeCount: count,
      features: Self.featureNames.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element),
      flags: SetupFlags(rawValue: curing_setup_flags(handle)))
  }

  private static let opcodeNames: [(name: String, opcode: Int)] = [
    ("nop", CURING_OP_NOP), ("readv", CURING_OP_READV), ("writev", CURING_OP_WRITEV),
    ("fsync", CURING_OP_FSYNC), ("read_fixed", CURING_OP_READ_FIXED), ("write_fixed", CURING_OP_WRITE_FIXED),
    ("poll_add", CURING_OP_POLL_ADD), ("sync_file_range", CURING_OP_SYNC_FILE_RANGE),
    ("timeout", CURING_OP_TIMEOUT), ("async_cancel", CURING_OP_ASYNC_CANCEL),
    ("fallocate", CURING_OP_FALLOCATE), ("openat", CURING_OP_OPENAT), ("close", CURING_OP_CLOSE),
    ("statx", CURING_OP_STATX), ("read", CURING_OP_READ), ("write", CURING_OP_WRITE),
    ("fadvise", CURING_OP_FADVISE), ("openat2", CURING_OP_OPENAT2), ("splice", CURING_OP_SPLICE),
    ("renameat", CURING_OP_RENAMEAT), ("unlinkat", CURING_OP_UNLINKAT), ("mkdirat", CURING_OP_MKDIRAT),
    ("symlinkat", CURING_OP_SYMLINKAT), ("linkat", CURING_OP_LINKAT),
  ]

  /// The IORING_FEAT_ bits of <linux/io_uring.h>, from bit 0 up.
  private static let featureNames = [
    "single_mmap", "nodrop", "submit_stable", "rw_cur_pos", "cur_personality", "fast_poll", "poll_32bits",
    "sqpoll_nonfixed", "ext_arg", "native_workers", "rsrc_tags", "cqe_skip", "linked_file", "reg_reg_ring",
    "recvsend_bundle", "min_timeout", "rw_attr", "no_iowait",
  ]
}
