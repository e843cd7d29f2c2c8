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

  public let kind = FileEngineKind.uring
  public let configuration: FileEngineConfiguration
  let loops: [RingLoop]
  private let depth: Int
  let openers: OpenerPool
  let helpers = HelperThreads()
  let budget = ReadAheadBudget()
  private let next = Atomic<Int>(0)

  /// Starts the loops.
  ///
  /// - Throws: `ENOSYS` where the kernel or this build has no io_uring, `EPERM` where a policy denies it, and what else
  ///   io_uring_setup(2) names.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    let count = max(1, configuration.loops ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    depth = min(max(1, configuration.depth ?? Self.defaultDepth), max(1, DescriptorLimit.files / count))
    var loops: [RingLoop] = []
    do throws(Errno) {
      while loops.count < count {
        let ring = Ring.Configuration(operations: UInt32(depth), sharedWorkers: loops.first?.sharedWorkers)
        loops.append(try RingLoop(ring, name: "ring-loop-\(loops.count)"))
      }
    } catch {
      for loop in loops { loop.beginShutDown() }
      throw error
    }
    self.loops = loops
    let pageCache = configuration.pageCache
    openers = OpenerPool(loops: loops) { file, isUncached in
      file.mayBeCached = !isUncached
      if pageCache == .bypass || pageCache == .auto && isUncached { file.goAroundPageCache() }
    }
  }

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

  public func shutDown() async {
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
