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

    /// A kernel thread takes the submissions, so that submitting needs no system call while that thread is awake. Never
    /// asked for by default: the thread spins on a processor of its own (on two processors it takes one from the work),
    /// it excludes ``deferredTaskRun``, and one process that polls wakes for every ring that shares its thread.
    public static let submissionPolling = SetupFlags(CURING_SETUP_SQPOLL)
    /// An entry that is refused does not keep those behind it from being submitted. Linux 5.18.
    public static let submitAll = SetupFlags(CURING_SETUP_SUBMIT_ALL)
    /// The kernel runs completion work when this thread enters it anyway, and does not interrupt it. Linux 5.19.
    public static let cooperativeTaskRun = SetupFlags(CURING_SETUP_COOP_TASKRUN)
    /// The queue says when completions are held back. Linux 5.19.
    public static let taskRunFlag = SetupFlags(CURING_SETUP_TASKRUN_FLAG)
    /// Only one thread submits. Linux 6.0.
    public static let singleIssuer = SetupFlags(CURING_SETUP_SINGLE_ISSUER)
    /// Completion work runs only when this thread waits for completions. Linux 6.1; needs ``singleIssuer``.
    public static let deferredTaskRun = SetupFlags(CURING_SETUP_DEFER_TASKRUN)

    /// What suits a ring that stays on one thread.
    public static let singleThreaded: SetupFlags = [
      .submitAll, .cooperativeTaskRun, .taskRunFlag, .singleIssuer, .deferredTaskRun,
    ]

    /// The flags without those that a kernel refuses beside the others (io_uring_setup(2)).
    var consistent: SetupFlags {
      var flags = self
      if flags.contains(.submissionPolling) { flags.subtract([.cooperativeTaskRun, .deferredTaskRun, .taskRunFlag]) }
      if !flags.contains(.singleIssuer) { flags.remove(.deferredTaskRun) }
      if flags.isDisjoint(with: [.cooperativeTaskRun, .deferredTaskRun]) { flags.remove(.taskRunFlag) }
      return flags
    }
  }

  /// Bounds for the kernel's worker threads (io_uring_register_iowq_max_workers(3)). Since Linux 5.12 the workers
  /// belong to the thread that submits: its rings have them in common, and the bounds that were set last.
  public struct WorkerLimits: Sendable, Hashable {
    /// For operations that end by themselves, as those on files do. The kernel's own limit is four for each processor.
    public var bounded: UInt32
    /// For operations that may wait without end, as those on sockets and pipes do. The kernel's own limit is that on
    /// processes.
    public var unbounded: UInt32

    public init(bounded: UInt32, unbounded: UInt32) {
      self.bounded = bounded
      self.unbounded = unbounded
    }
  }

  /// Sizes and limits of a ring.
  public struct Configuration: Sendable, Hashable {
    /// Half of the longest completion queue that the kernel makes (IORING_MAX_CQ_ENTRIES).
    public static let mostOperations: UInt32 = 32_768

    /// Places in the submission queue; the kernel rounds up to a power of two and clamps to 32,768.
    public var submissions: UInt32
    /// How many operations may be in flight. The completion queue is made twice as long: each operation can be followed
    /// by one cancel request, so it cannot overflow.
    public var operations: UInt32
    /// What is wanted. What the kernel does not know is left out; ``Ring/setupFlags`` says what was taken.
    public var flags: SetupFlags
    /// The descriptor of a ring whose worker threads this one is to share (`IORING_SETUP_ATTACH_WQ`). Since Linux 5.12
    /// that is the polling thread of ``SetupFlags/submissionPolling`` alone: other workers are shared by the rings of
    /// one thread, whatever this says, and by no others.
    public var sharedWorkers: Int32?
    /// Nil leaves the kernel's limits, or the thread's own; so does a kernel without them (they came with Linux 5.15).
    public var workerLimits: WorkerLimits?
    /// With ``SetupFlags/submissionPolling``, the time without submissions after which the polling thread goes to
    /// sleep.
    public var pollingIdle = Duration.milliseconds(10)
    /// Places in the ring's table of files, for ``DirectDescriptor``; 0 is no table.
    public var fileTable: UInt32
    /// What the ring is allowed to do, for ever; nil is everything.
    public var restrictions: Restrictions?
    /// Places of the completion queue for messages of other rings.
    var messages: UInt32 = 0

    /// 256 submissions are four turns of 64 tasks; 1,024 operations in flight is a guess at "more than any disk wants".
    public init(
      submissions: UInt32 = 256, operations: UInt32 = 1024, flags: SetupFlags = .singleThreaded,
      sharedWorkers: Int32? = nil, workerLimits: WorkerLimits? = nil, fileTable: UInt32 = 0,
      restrictions: Restrictions? = nil
    ) {
      self.submissions = submissions
      self.operations = operations
      self.flags = flags
      self.sharedWorkers = sharedWorkers
      self.workerLimits = workerLimits
      self.fileTable = fileTable
      self.restrictions = restrictions
    }

    var possibleOperations: UInt32 { min(max(operations, 1), Self.mostOperations) }
  }
}
