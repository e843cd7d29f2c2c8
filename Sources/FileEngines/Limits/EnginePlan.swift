import Glibc
import LinuxSystem
import SystemPackage

/// How many threads, files and bytes an engine takes. This is the one place that decides it, from the configuration and
/// from what the machine and the process's limits leave.
public struct EnginePlan: Sendable, Hashable {
  /// Threads with a ring each; 0 where an engine has none.
  public internal(set) var loops = 0
  /// Files in flight: on each loop, or in all.
  public internal(set) var depth: Int
  /// Files that are written by a chain of operations at a time, on each loop.
  public internal(set) var chains = 0
  /// Threads for blocking calls, at the most: those of rings start them when they are needed.
  public internal(set) var blockingThreads = 1
  /// Memory for the bytes of files, at the most.
  public internal(set) var bufferBytes = 0

  /// A plan with one thread.
  ///
  /// - Parameter depth: files in flight.
  public init(depth: Int = 1) {
    self.depth = depth
  }

  /// What the decision depends on.
  package struct Facts: Sendable, Hashable {
    package var processors: Int
    /// The soft limit on open files, and how many more may be opened.
    package var descriptorLimit: Int
    package var freeDescriptors: Int
    /// Bytes that can be reserved; `Int.max` where there is no limit.
    package var freeAddressSpace = Int.max

    package static var current: Facts {
      Facts(
        processors: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), descriptorLimit: DescriptorLimit.soft,
        freeDescriptors: DescriptorLimit.free, freeAddressSpace: AddressSpace.free)
    }
  }
}

// MARK: Threads

extension EnginePlan {
  /// Threads that open what is not in the dentry cache. 8 to 16 kept two loops fed from a cold disk; more gained
  /// nothing (measured in C on two cores).
  static let openers = 8
  /// Threads for calls that wait for a disk. A guess: enough for it to have several at once, few enough not to crowd
  /// two cores when all of it is cached.
  static let diskHelpers = 8
  /// Threads for calls that wait for a daemon or a server, and use no core meanwhile.
  static let slowHelpers = defaultThreads
  /// Threads of the engine of threads. Cold, 64 threads read a tree in 0.9 of the time of 16, and 128 in 0.93 of 64's;
  /// warm, two do as well as all (measured in C on two cores).
  static let defaultThreads = 64
  /// Files in flight on each loop.
  static let defaultDepth = 128
  /// Worker threads of the kernel, on all loops together. What makes it use them is writing, and reading from file
  /// systems that cannot do it asynchronously (network file systems); there they are what keeps reads in flight: 64
  /// threads are what the cold disk wanted.
  private static let kernelWorkers = 64

  /// Worker threads of the kernel for each loop.
  var kernelWorkersPerLoop: Int { max(1, Self.kernelWorkers / loops) }
}

// MARK: Descriptors

extension EnginePlan.Facts {
  /// What an engine must find free beside its rings and the ``DescriptorReserve`` to read anything at all: a directory,
  /// the two descriptors by which another is reached, and a file.
  static let fewestDescriptors = 4

  /// The directories that are kept open: a quarter of the descriptors, and no more than a window of files can refer to.
  static func mostDirectories(of descriptorLimit: Int) -> Int { min(4096, descriptorLimit / 4) }

  /// - Parameter descriptors: what an engine is about to open that is no file.
  /// - Throws: `EMFILE` if it could not read anything then.
  fileprivate func require(_ descriptors: Int) throws(Errno) {
    if freeDescriptors < descriptors + DescriptorReserve.count + Self.fewestDescriptors { throw .tooManyOpenFiles }
  }

  /// How many files an engine may have open at once: half of the limit leaves room for directories and for the rest of
  /// the program, and a process that has much open already gets less.
  ///
  /// - Parameter descriptors: what the engine opens beside files.
  fileprivate func files(beside descriptors: Int) -> Int {
    let others =
      descriptors + Self.mostDirectories(of: descriptorLimit) + DescriptorReserve.count + Self.fewestDescriptors
    return max(1, min(descriptorLimit / 2, freeDescriptors - others))
  }
}

// MARK: Memory

extension EnginePlan.Facts {
  /// What an engine leaves to the rest of the program: listings, results on their way, what libraries allocate. A
  /// guess.
  private static let reservedAddressSpace = 16 << 20

  /// How many things an engine may have that may take `size` bytes each.
  ///
  /// - Parameter others: what it takes beside them, in bytes.
  /// - Throws: `ENOMEM` if there is no room for even one.
  fileprivate func count(of size: Int, beside others: Int, atMost count: Int) throws(Errno) -> Int {
    let possible = (freeAddressSpace - Self.reservedAddressSpace - others) / size
    if possible < 1 { throw .noMemory }
    return min(count, possible)
  }
}

// MARK: Each engine

extension EnginePlan {
  /// A ring, and what wakes its loop.
  private static let descriptorsPerLoop = 2
  /// The loops leave most descriptors to files.
  private static let mostOfDescriptors = 8

  /// - Throws: `EMFILE` if there are too few descriptors for the rings and for files, `ENOMEM` for too little address
  ///   space.
  static func uring(_ configuration: FileEngineConfiguration, _ facts: Facts = .current) throws(Errno) -> EnginePlan {
    var plan = EnginePlan()
    let usualLoops = min(facts.processors, facts.freeDescriptors / (mostOfDescriptors * descriptorsPerLoop))
    plan.loops = max(1, configuration.loops ?? usualLoops)
    plan.blockingThreads = openers + diskHelpers + slowHelpers
    let descriptors = plan.loops * descriptorsPerLoop
    try facts.require(descriptors)
    let files = max(1, facts.files(beside: descriptors) / plan.loops)
    let stacks = (plan.loops + plan.blockingThreads) * threadStackSize
    plan.depth = try facts.count(
      of: plan.loops * configuration.alignedBufferSize, beside: stacks + ReadAheadBudget.bytes,
      atMost: min(max(1, configuration.depth ?? defaultDepth), files))
    if configuration.writes != .calls { plan.chains = FileChains.count(loops: plan.loops, depth: plan.depth) }
    plan.bufferBytes = plan.loops * plan.depth * configuration.alignedBufferSize + ReadAheadBudget.bytes
    return plan
  }

  /// - Throws: `EMFILE` if there are too few descriptors for a file, `ENOMEM` for too little address space.
  static func threads(_ configuration: FileEngineConfiguration, _ facts: Facts = .current) throws(Errno) -> EnginePlan {
    try facts.require(0)
    let wanted = min(max(1, configuration.depth ?? defaultThreads), facts.files(beside: 0))
    var plan = EnginePlan()
    plan.depth = try facts.count(of: threadStackSize + configuration.alignedBufferSize, beside: 0, atMost: wanted)
    plan.blockingThreads = plan.depth
    plan.bufferBytes = plan.depth * configuration.alignedBufferSize
    return plan
  }

  /// One file after another on one thread.
  ///
  /// - Throws: as ``threads(_:_:)``.
  static func blocking(_ configuration: FileEngineConfiguration, _ facts: Facts = .current) throws(Errno) -> EnginePlan
  {
    try facts.require(0)
    var plan = EnginePlan()
    plan.depth = try facts.count(of: configuration.alignedBufferSize, beside: threadStackSize, atMost: 1)
    plan.bufferBytes = configuration.alignedBufferSize
    return plan
  }
}

extension EnginePlan: CustomStringConvertible {
  /// One line, such as `64 threads with a file each, up to 8 MiB of buffers`.
  public var description: String {
    let mebibytes = (bufferBytes + 1 << 20 - 1) >> 20
    if loops == 0 { return "\(Self.count(depth, "thread")) with a file each, up to \(mebibytes) MiB of buffers" }
    return "\(Self.count(loops, "loop")) of \(Self.count(depth, "file")) in flight, up to \(blockingThreads) threads "
      + "for blocking calls and \(mebibytes) MiB of buffers"
  }

  private static func count(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
}
