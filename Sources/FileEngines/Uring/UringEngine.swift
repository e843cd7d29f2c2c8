import Glibc
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// Files through io_uring: ring loops, each with many tasks, and helper threads for what would block a loop.
///
/// A small file is written through the ring or by calls on the loop itself (``FileEngineConfiguration/writes``,
/// ``WritePlan``), what is large or waits for the disk on a helper. An open that the dentry cache can answer is made
/// on the spot; the others go to the helpers in batches. Where a daemon or a server answers (FUSE, NFS, CIFS) every
/// open and close may wait, and so may every call of writing and copying: they go to as many helpers as
/// ``ThreadsEngine`` has threads. A file whose inode the kernel did not have in
/// memory has no page in the page cache either, so reading around the cache (`O_DIRECT`) loses nothing and spares
/// filling it; where files have had nothing there of late, others are asked whether they have (cachestat(2)).
public final class UringEngine: FileEngine {
  /// The engine has no operation that may wait without end.
  private static let unboundedWorkers: UInt32 = 1

  public let kind = FileEngineKind.uring
  public let configuration: FileEngineConfiguration
  /// Whether the kernel keeps the rings to what the engine asks of them: reading, cancelling, and what a ``FileChain``
  /// takes unless files are written by calls.
  public let isHardened: Bool
  public let plan: EnginePlan
  let loops: [RingLoop]
  let openers: OpenerPool
  /// Threads that take blocking calls off the loops, started by the first call: a program that only reads has no use
  /// for them. These are for calls that wait for a disk.
  let helpers = ThreadExecutor(lazily: "file-helper", threadCount: EnginePlan.diskHelpers)
  /// For what a daemon or a server may be slow to answer.
  let slowHelpers = ThreadExecutor(lazily: "slow-helper", threadCount: EnginePlan.slowHelpers)
  let slowOpens = Atomic<UInt64>(0)
  let slowFiles: FairSemaphore
  let budget = ReadAheadBudget()
  let cachedReads = CachedReadTurns()
  let plainReads: PlainReads
  /// By the loop's place: whether files that were opened there had nothing in the page cache of late, so that reading
  /// them at once would have had to wait.
  let uncachedDetectors: [BlockingDetector]
  let chains: FileChains
  private let buffers: IOBufferPool
  private let next = Atomic<Int>(0)
  /// 0, ``shutDownMark``, or the errno with which a ring has failed.
  private let mark = Atomic<Int32>(0)
  private static let shutDownMark: Int32 = -1

  /// Starts the loops.
  ///
  /// - Throws: what ``IOUring/RingLoop/init(_:name:)`` throws: the call that is refused, one of those that reading
  ///   takes; `EMFILE` if the process has too few descriptors left for the rings and for files, `ENOMEM` if it has too
  ///   little address space; `EINVAL` where ``FileEngineConfiguration/hardening`` is required and cannot be had.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(RingRefusal) {
    self.configuration = configuration
    var plan: EnginePlan
    do throws(Errno) {
      plan = try .uring(configuration)
    } catch {
      throw RingRefusal(error, of: .setUp)
    }
    let made = try Self.makeLoops(plan, configuration.hardening)
    (loops, isHardened) = (made.loops, made.isHardened)
    (plan.loops, plan.chains) = (loops.count, made.chains)
    self.plan = plan
    self.chains = FileChains(count: plan.chains, loops: plan.loops)
    openers = OpenerPool(loops: loops, pageCache: configuration.pageCache)
    plainReads = PlainReads(loops: loops.count)
    uncachedDetectors = loops.map { _ in BlockingDetector() }
    slowFiles = FairSemaphore(count: EnginePlan.slowHelpers, loops: loops.count)
    buffers = IOBufferPool(count: plan.loops * plan.depth, capacity: configuration.alignedBufferSize)
  }

  /// Room for one turn of all a loop's tasks, each of which begins one operation; fewer than fill a page would save
  /// nothing.
  private static let (submissionsPerPage, mostSubmissions) = (64, 256)

  private static func makeLoops(
    _ plan: EnginePlan, _ hardening: FileEngineConfiguration.Hardening
  ) throws(RingRefusal) -> (loops: [RingLoop], isHardened: Bool, chains: Int) {
    if hardening == .off { return (try makeLoops(plan, chains: plan.chains, restrictions: nil), false, plan.chains) }
    do throws(RingRefusal) {
      return try makeHardenedLoops(plan)
    } catch {
      if hardening == .required { throw error }
      return (try makeLoops(plan, chains: plan.chains, restrictions: nil), false, plan.chains)
    }
  }

  /// A kernel that lacks one of a chain's operations refuses to allow it: the ring then only reads.
  private static func makeHardenedLoops(
    _ plan: EnginePlan
  ) throws(RingRefusal) -> (loops: [RingLoop], isHardened: Bool, chains: Int) {
    if plan.chains > 0 {
      let writing = Ring.Restrictions(operations: FileChain.opcodes.union([.read]), allowsChains: true)
      do throws(RingRefusal) {
        return (try makeLoops(plan, chains: plan.chains, restrictions: writing), true, plan.chains)
      } catch {
        if error.call != .register { throw error }
      }
    }
    let reading = Ring.Restrictions(operations: [.read])
    return (try makeLoops(plan, chains: 0, restrictions: reading), true, 0)
  }

  private static func makeLoops(
    _ plan: EnginePlan, chains: Int, restrictions: Ring.Restrictions?
  ) throws(RingRefusal) -> [RingLoop] {
    let workers = Ring.WorkerLimits(bounded: UInt32(plan.kernelWorkersPerLoop), unbounded: unboundedWorkers)
    let operations = plan.depth + chains * FileChain.mostOperations
    var loops: [RingLoop] = []
    do throws(RingRefusal) {
      while loops.count < plan.loops {
        let ring = Ring.Configuration(
          submissions: UInt32(min(max(plan.depth, submissionsPerPage), mostSubmissions)),
          operations: UInt32(operations), sharedWorkers: loops.first?.sharedWorkers, workerLimits: workers,
          restrictions: restrictions)
        loops.append(try RingLoop(ring, name: "ring-loop-\(loops.count)"))
      }
      return loops
    } catch {
      // One loop does all that several do.
      if error.call == .thread && !loops.isEmpty { return loops }
      for loop in loops { loop.beginShutDown() }
      throw error
    }
  }

  public func makeBuffer() -> IOBuffer { buffers.take() }

  public var lanes: [FileEngineLane] { loops.map { FileEngineLane(executor: $0, width: plan.depth) } }

  public var statistics: FileEngineStatistics {
    var sum = FileEngineStatistics()
    for loop in loops {
      sum.enters += loop.statistics.enters
      sum.ringOperations += loop.statistics.operations
    }
    sum.helperOpens = openers.count + slowOpens.load(ordering: .relaxed)
    sum.helperCalls = helpers.jobCount + slowHelpers.jobCount
    (sum.filesWrittenByChain, sum.filesWrittenByCalls) = chains.counts
    return sum
  }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) == Self.shutDownMark }

  /// Why nothing is opened or read any more.
  var end: FileError.Cause? {
    switch mark.load(ordering: .relaxed) {
    case 0: nil
    case Self.shutDownMark: .engineShutDown
    case let code: .ringFailed(Errno(rawValue: code))
    }
  }

  private var failure: Errno? { loops.lazy.compactMap(\.failure).first }
  var hasFailed: Bool { failure != nil }

  /// What the present task makes of an error of a ring. Once a ring has failed the engine has: it does not use another
  /// ring with a buffer that the kernel may still be writing into.
  func cause(_ error: Errno) -> FileError.Cause {
    if let failure {
      _ = mark.compareExchange(expected: 0, desired: failure.rawValue, ordering: .relaxed)
      return .ringFailed(failure)
    }
    let mayBeTheEnd = error == .canceled || error == .socketShutdown
    let cause = FileError.Cause(error)
    return mayBeTheEnd && cause != .cancelled && isShutDown ? .engineShutDown : cause
  }

  public func shutDown() async {
    mark.store(Self.shutDownMark, ordering: .relaxed)
    await openers.shutDown()
    await helpers.shutDown()
    await slowHelpers.shutDown()
    for loop in loops { await loop.shutDown() }
  }

  /// The place of the loop that this is called on, if it is one of the engine's.
  var currentLoop: Int? {
    loops.firstIndex { $0.isCurrent }
  }

  var anyLoop: RingLoop { loops[nextLoop] }

  /// The place of a loop, of each in its turn.
  var nextLoop: Int { next.add(1, ordering: .relaxed).oldValue % loops.count }
}
