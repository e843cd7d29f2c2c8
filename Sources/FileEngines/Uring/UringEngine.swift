import Glibc
import IOUring
import Synchronization
import SystemPackage

/// Files through io_uring: ring loops, each with many tasks, and helper threads for the opens that would block a loop.
///
/// An open that the dentry cache can answer is made on the spot; the others go to the helpers in batches. A file whose inode
/// the kernel did not have in memory has no page in the page cache either, so reading around the cache (`O_DIRECT`) loses
/// nothing and spares filling it.
public final class UringEngine: FileEngine {
  /// Files in flight on each loop.
  public static let defaultDepth = 128

  public let kind = FileEngineKind.uring
  public let configuration: FileEngineConfiguration
  private let loops: [RingLoop]
  private let depth: Int
  private let openers: OpenerPool
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
    for number in 0..<count {
      let ring = Ring.Configuration(operations: UInt32(depth), sharedWorkers: loops.first?.sharedWorkers)
      loops.append(try RingLoop(ring, name: "ring-loop-\(number)"))
    }
    self.loops = loops
    let pageCache = configuration.pageCache
    openers = OpenerPool(loops: loops) { file in
      file.mayBeCached = false
      if pageCache != .use { file.goAroundPageCache() }
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
    return sum
  }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    let descriptor = file.withRelativePath { openCached($0, $1, Opening.flags) }
    if descriptor >= 0 {
      var opened = try Opening.examine(file, FileDescriptor(rawValue: descriptor))
      if configuration.pageCache == .bypass { opened.goAroundPageCache() }
      return opened
    }
    // Not to be answered from the cache alone (EAGAIN), or no such system call here: the helpers find out.
    return try await openers.open(file)
  }

  public func read(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if file.isMisaligned(offset) { file.returnToPageCache() }
    // With `O_DIRECT` the call would ask the disk and wait for it.
    if file.mayBeCached, !file.isDirect, let count = readCached(file.descriptor, into: buffer, at: offset) {
      return count
    }
    do throws(Errno) {
      let loop = RingLoop.current ?? anyLoop
      do throws(Errno) {
        return try await loop.read(file.descriptor, into: buffer, at: offset)
      } catch  where error == .invalidArgument && file.isDirect {
        file.returnToPageCache()
        return try await loop.read(file.descriptor, into: buffer, at: offset)
      }
    } catch {
      throw FileError(file.reference, .read, offset: offset, .system(error))
    }
  }

  public func close(_ file: OpenFile) async {
    // On the spot: closing a file that was only read waits for nothing.
    try? file.descriptor.close()
  }

  public func shutDown() async {
    await openers.shutDown()
    for loop in loops { await loop.shutDown() }
  }

  private var anyLoop: RingLoop {
    loops[next.add(1, ordering: .relaxed).oldValue % loops.count]
  }
}
