import CUring

extension Ring {
  /// How a ring is set up; io_uring_setup(2) describes the flags.
  public struct SetupFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    private init(_ flag: Int) {
      rawValue = UInt32(flag)
    }

    /// The kernel runs completion work when this thread enters it anyway, and does not interrupt it. Linux 5.19.
    public static let cooperativeTaskRun = SetupFlags(CURING_SETUP_COOP_TASKRUN)
    /// The queue says when completions are held back. Linux 5.19.
    public static let taskRunFlag = SetupFlags(CURING_SETUP_TASKRUN_FLAG)
    /// Only one thread submits. Linux 6.0.
    public static let singleIssuer = SetupFlags(CURING_SETUP_SINGLE_ISSUER)
    /// Completion work runs only when this thread waits for completions. Linux 6.1; needs ``singleIssuer``.
    public static let deferredTaskRun = SetupFlags(CURING_SETUP_DEFER_TASKRUN)

    /// For a ring that stays on one thread, best first. A kernel refuses the flags that it does not know with `EINVAL`.
    public static let singleThreaded: [SetupFlags] = [
      [.singleIssuer, .deferredTaskRun, .taskRunFlag],
      [.cooperativeTaskRun, .taskRunFlag],
      [],
    ]
  }

  /// Sizes and limits of a ring.
  public struct Configuration: Sendable, Hashable {
    /// Half of the longest completion queue that the kernel makes (IORING_MAX_CQ_ENTRIES).
    public static let mostOperations: UInt32 = 32_768

    /// Places in the submission queue; the kernel rounds up to a power of two and clamps to 32,768.
    public var submissions: UInt32
    /// How many operations may be in flight. The completion queue is made twice as long: each operation can be followed by
    /// one cancel request, so it cannot overflow.
    public var operations: UInt32
    /// The sets of flags to try, in turn, until the kernel takes one.
    public var flags: [SetupFlags]
    /// The descriptor of a ring whose worker threads this one is to share.
    public var sharedWorkers: Int32?

    /// 256 submissions are four turns of 64 tasks; 1,024 operations in flight is a guess at "more than any disk wants".
    public init(
      submissions: UInt32 = 256, operations: UInt32 = 1024, flags: [SetupFlags] = SetupFlags.singleThreaded,
      sharedWorkers: Int32? = nil
    ) {
      self.submissions = submissions
      self.operations = operations
      self.flags = flags
      self.sharedWorkers = sharedWorkers
    }
  }
}
