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

    /// A kernel thread takes the submissions, so that submitting needs no system call while that thread is awake. Not
    /// among the defaults: the thread spins on a processor of its own (with two processors that is half of the
    /// machine), the flag excludes ``deferredTaskRun``, and the thread wakes for every ring that shares it.
    public static let submissionPolling = SetupFlags(CURING_SETUP_SQPOLL)
    /// The entries behind a refused one are submitted nevertheless. Linux 5.18.
    public static let submitAll = SetupFlags(CURING_SETUP_SUBMIT_ALL)
    /// The kernel runs completion work when this thread enters it anyway, and does not interrupt the thread. Linux
    /// 5.19.
    public static let cooperativeTaskRun = SetupFlags(CURING_SETUP_COOP_TASKRUN)
    /// The kernel sets a flag on the queue while it holds completions back. Linux 5.19.
    public static let taskRunFlag = SetupFlags(CURING_SETUP_TASKRUN_FLAG)
    /// Only one thread submits. Linux 6.0.
    public static let singleIssuer = SetupFlags(CURING_SETUP_SINGLE_ISSUER)
    /// Completion work runs only when this thread waits for completions. Linux 6.1; needs ``singleIssuer``.
    public static let deferredTaskRun = SetupFlags(CURING_SETUP_DEFER_TASKRUN)

    /// For a ring that stays on one thread.
    public static let singleThreaded: SetupFlags = [
      .submitAll, .cooperativeTaskRun, .taskRunFlag, .singleIssuer, .deferredTaskRun,
    ]

    /// The flags without those that the kernel refuses in this combination (io_uring_setup(2)).
    var consistent: SetupFlags {
      var flags = self
      if flags.contains(.submissionPolling) { flags.subtract([.cooperativeTaskRun, .deferredTaskRun, .taskRunFlag]) }
      if !flags.contains(.singleIssuer) { flags.remove(.deferredTaskRun) }
      if flags.isDisjoint(with: [.cooperativeTaskRun, .deferredTaskRun]) { flags.remove(.taskRunFlag) }
      return flags
    }
  }

  /// Limits on the kernel's worker threads (io_uring_register_iowq_max_workers(3)). Since Linux 5.12 the workers belong
  /// to the thread that submits: its rings share them, and the limits that were set last apply.
  public struct WorkerLimits: Sendable, Hashable {
    /// For operations that take a bounded time, such as those on files. The kernel's own limit is four per processor.
    public var bounded: UInt32
    /// For operations that may wait for ever, such as those on sockets and pipes. The kernel's own limit is that on
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

    /// Entries of the submission queue; the kernel rounds up to a power of two and clamps to 32,768.
    public var submissions: UInt32
    /// How many operations may be in flight. The completion queue has twice as many entries, one for the operation and
    /// one for its cancel request, so it cannot overflow.
    public var operations: UInt32
    /// Flags that the kernel does not know are dropped; ``Ring/setupFlags`` tells which were taken.
    public var flags: SetupFlags
    /// The descriptor of a ring whose worker threads this one shares (`IORING_SETUP_ATTACH_WQ`). Since Linux 5.12 this
    /// applies to the polling thread of ``SetupFlags/submissionPolling`` only: other workers are always shared by the
    /// rings of one thread, and by no other rings.
    public var sharedWorkers: Int32?
    /// Nil keeps the kernel's limits, or those that another ring of the thread has set. Ignored before Linux 5.15.
    public var workerLimits: WorkerLimits?
    /// With ``SetupFlags/submissionPolling``, the time without submissions after which the polling thread goes to
    /// sleep.
    public var pollingIdle = Duration.milliseconds(10)
    /// Entries of the ring's table of files, for ``DirectDescriptor``; 0 is no table.
    public var fileTable: UInt32
    /// What the ring is allowed to do; nil is everything.
    public var restrictions: Restrictions?
    /// Entries of the completion queue for messages of other rings.
    var messages: UInt32 = 0

    /// 256 submissions are four operations of each of 64 tasks. 1,024 operations in flight is a guess: more than any
    /// disk needs.
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
