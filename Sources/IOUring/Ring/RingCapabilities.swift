import CUring
import SystemPackage

extension Ring {
  /// What the kernel supports, according to a probe (io_uring_register(2), IORING_REGISTER_PROBE), not to its version.
  public struct Capabilities: Sendable, Hashable {
    /// An opcode that this package uses, and whether the kernel supports it.
    public struct Opcode: Sendable, Hashable {
      public let name: String
      public let isSupported: Bool
    }

    public let opcodes: [Opcode]
    /// How many opcodes the kernel knows.
    public let opcodeCount: Int
    /// The names of the IORING_FEAT_ bits that are set.
    public let features: [String]
    /// The set of flags that the kernel took.
    public let flags: SetupFlags
  }

  /// Probes the kernel.
  ///
  /// - Throws: `EINVAL` on a kernel that has no probe, or if the ring's restrictions forbid it.
  public func capabilities() throws(Errno) -> Capabilities {
    var supported = [UInt8](repeating: 0, count: 256)
    let count = try Self.check(curing_probe(handle, &supported, UInt32(supported.count)))
    let bits = curing_features(handle)
    return Capabilities(
      opcodes: Opcode.named.map {
        Capabilities.Opcode(name: $0.name, isSupported: supported[Int($0.opcode.rawValue)] == 1)
      },
      opcodeCount: count,
      features: Self.featureNames.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element),
      flags: SetupFlags(rawValue: curing_setup_flags(handle)))
  }

  /// The IORING_FEAT_ bits of <linux/io_uring.h>, from bit 0 up.
  private static let featureNames = [
    "single_mmap", "nodrop", "submit_stable", "rw_cur_pos", "cur_personality", "fast_poll", "poll_32bits",
    "sqpoll_nonfixed", "ext_arg", "native_workers", "rsrc_tags", "cqe_skip", "linked_file", "reg_reg_ring",
    "recvsend_bundle", "min_timeout", "rw_attr", "no_iowait",
  ]
}
