import Glibc
import IOUring
import Synchronization
import SystemPackage

/// Files through io_uring: ring loops, each with many tasks, and helper threads for the opens that would block a loop and for
/// writing.
///
/// An open that the dentry cache can answer is made on the spot; the others go to the helpers in batches. A file whose inode
/// the kernel did not have in memory has no page in the page cache either, so reading around the cache (`O_DIRECT`) loses
/// nothing and spares filling it.
public final class UringEngine: FileEngine {
  /// Files in flight on each loop.
  public static let defaultDepth = 128

  /// Worker threads of the kernel, on all loops together. Only file systems that cannot read asynchronously (network file
  /// systems, FUSE) make it use them, and there they are what keeps reads in flight: 64 threads are what the cold disk wanted.
  private static let boundedWorkers = 64
  /// The engine has no operation that may wait without end.
  private static let unboundedWorkers: UInt32 = 1

  public let kind = FileEngineKind.uring
  public let configuration: FileEngineConfiguration
  /// Whether the kernel keeps the rings to reading and cancelling.
  public let isHardened: Bool
  let loops: [RingLoop]
  private let depth: Int
  let openers: OpenerPool
  let helpers = HelperThreads()
  let budget = ReadAheadBudget()
  let plainReads: PlainReads
  private let buffers: IOBufferPool
  private let next = Atomic<Int>(0)
  private let mark = Atomic(false)

  /// Starts the loops.
  ///
  /// - Throws: `ENOSYS` where the kernel or this build has no io_uring, `EPERM` where a policy denies it, `EMFILE` if the process
  ///   has too few descriptors left for the rings and for files, and what else io_uring_setup(2) names. `EINVAL` where ``FileEngineConfiguration/hardening`` is required and cannot be had.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    let count = max(1, configuration.loops ?? Self.usualLoops)
    let descriptors = count * Self.descriptorsPerLoop
    try DescriptorLimit.require(descriptors)
    let files = DescriptorLimit.files(beside: descriptors)
    depth = min(max(1, configuration.depth ?? Self.defaultDepth), max(1, files / count))
    (loops, isHardened) = try Self.makeLoops(count, depth: depth, configuration.hardening)
    openers = OpenerPool(loops: loops, pageCache: configuration.pageCache)
    plainReads = PlainReads(loops: loops.count)
    buffers = IOBufferPool(count: loops.count * depth, capacity: configuration.alignedBufferSize)
  }

  /// Room for one turn of all a loop's tasks, each of which begins one operation; fewer than fill a page would save nothing.
  private static let (submissionsPerPage, mostSubmissions) = (64, 256)

  /// The ring, and what wakes it.
  private static let descriptorsPerLoop = 2

  /// One per core, if that leaves most descriptors to files.
  private static var usualLoops: Int {
    min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), DescriptorLimit.free / (8 * descriptorsPerLoop))
  }

  private static func makeLoops(
    _ count: Int, depth: Int, _ hardening: FileEngineConfiguration.Hardening
  ) throws(Errno) -> ([RingLoop], isHardened: Bool) {
    if hardening == .off { return (try makeLoops(count, depth: depth, restrictions: nil), false) }
    do throws(Errno) {
      return (try makeLoops(count, depth: depth, restrictions: Ring.Restrictions(operations: [.read])), true)
    } catch {
      if hardening == .required { throw error }
      return (try makeLoops(count, depth: depth, restrictions: nil), false)
    }
  }

  private static func makeLoops(
    _ count: Int, depth: Int, restrictions: Ring.Restrictions?
  ) throws(Errno) -> [RingLoop] {
    let workers = Ring.WorkerLimits(bounded: UInt32(max(1, boundedWorkers / count)), unbounded: unboundedWorkers)
    var loops: [RingLoop] = []
    do throws(Errno) {
      while loops.count < count {
        let ring = Ring.Configuration(
          submissions: UInt32(min(max(depth, submissionsPerPage), mostSubmissions)), operations: UInt32(depth),
          sharedWorkers: loops.first?.sharedWorkers, workerLimits: workers,
          restrictions: restrictions)
        loops.append(try RingLoop(ring, name: "ring-loop-\(loops.count)"))
      }
      return loops
    } catch {
      for loop in loops { loop.beginShutDown() }
      throw error
    }
  }

  public func makeBuffer() -> IOBuffer { buffers.take() }

  public var lanes: [FileEngineLane] { loops.map { FileEngineLane(executor: $0, width: depth) } }

  public var statistics: FileEngineStatistics {
    var sum = FileEngineStatistics()
    for loop in loops {
      sum.enters += loop.statistics.enters
      sum.ringOperations += loop.statistics.operations
    }
    sum.helperOpens = openers.count
    sum.helperCalls = helpers.count
    return sum
  }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) }

  public func shutDown() async {
    mark.store(true, ordering: .relaxed)
    await openers.shutDown()
    await helpers.shutDown()
    for loop in loops { await loop.shutDown() }
  }

  /// The place of the loop that this is called on, if it is one of the engine's.
  var currentLoop: Int? {
    RingLoop.current.flatMap { current in loops.firstIndex { $0 === current } }
  }

  var anyLoop: RingLoop {
    loops[next.add(1, ordering: .relaxed).oldValue % loops.count]
  }
}
