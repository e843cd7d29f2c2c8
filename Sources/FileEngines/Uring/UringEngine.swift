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
  private let budget = ReadAheadBudget()
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
    if mayOpenHere(file) {
      let descriptor = file.withRelativePath { openCached($0, $1, Opening.flags) }
      if descriptor >= 0 {
        var opened = try Opening.examine(file, FileDescriptor(rawValue: descriptor))
        if configuration.pageCache == .bypass { opened.goAroundPageCache() }
        return opened
      }
    }
    // Not to be answered from the cache alone (EAGAIN), or no such system call here: the helpers find out.
    return try await openers.open(file, loop: currentLoop)
  }

  /// Whether it is known, without waiting, that opening the file has no effects: a descriptor by `O_PATH` has none.
  private func mayOpenHere(_ file: FileReference) -> Bool {
    if file.isListedAsRegular { return true }
    let descriptor = file.withRelativePath { openCached($0, $1, Opening.pathOnlyFlags) }
    if descriptor < 0 { return false }
    defer { _ = Glibc.close(descriptor) }
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  public func read(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if file.isMisaligned(offset) { file.returnToPageCache() }
    // Of a file's beginning only: a long file must leave the loop to others. With `O_DIRECT` the call would wait for the disk.
    if offset == 0, file.mayBeCached, !file.isDirect, let count = readCached(file.descriptor, into: buffer, at: 0) {
      return count
    }
    do throws(Errno) {
      do throws(Errno) {
        return try await ringRead(file, into: buffer, at: offset)
      } catch  where error == .invalidArgument && file.isDirect {
        file.returnToPageCache()
        return try await ringRead(file, into: buffer, at: offset)
      }
    } catch {
      throw FileError(file.reference, .read, offset: offset, .system(error))
    }
  }

  private func ringRead(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(Errno) -> Int {
    guard let current = currentLoop else { return try await anyLoop.read(file.descriptor, into: buffer, at: offset) }
    return try await openers.accountingRead(loop: current) { () throws(Errno) in
      try await loops[current].read(file.descriptor, into: buffer, at: offset)
    }
  }

  /// A large file is read ahead, on the loop's own thread, if not too many are already.
  public func readToEnd(
    _ file: OpenFile, from offset: Int64, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) -> Int64 {
    var offset = offset
    if file.size - offset >= ReadAhead.worthwhile, let current = currentLoop, budget.claim() {
      defer { budget.release() }
      let ahead = ReadAhead(file, from: offset, on: loops[current])
      let result = await readAhead(ahead, &offset, body)
      await ahead.drain()
      try result.get()
    }
    return try await readSequentially(file, from: offset, through: buffer, body)
  }

  /// Goes as far as reading ahead takes it: the rest, and the end, are for reading in sequence.
  private func readAhead(
    _ ahead: ReadAhead, _ offset: inout Int64, _ body: (RawSpan) -> Void
  ) async -> Result<Void, FileError> {
    do throws(Errno) {
      while let piece = try await ahead.nextPiece(), piece.count > 0 {
        piece.buffer.withBytes(piece.count, body)
        offset += Int64(piece.count)
        // The file has become shorter, or ends here.
        if piece.count < piece.buffer.capacity { break }
        // Others on this loop may want a turn, in case nothing made this task wait.
        await Task.yield()
      }
    } catch  where error == .invalidArgument {
      // O_DIRECT is not possible here after all: reading in sequence finds out.
    } catch {
      return .failure(FileError(ahead.file.reference, .read, offset: offset, .system(error)))
    }
    return .success(())
  }

  public func close(_ file: OpenFile) async {
    // On the spot: closing a file that was only read waits for nothing.
    try? file.descriptor.close()
  }

  public func shutDown() async {
    await openers.shutDown()
    for loop in loops { await loop.shutDown() }
  }

  /// The place of the loop that this is called on, if it is one of the engine's.
  private var currentLoop: Int? {
    RingLoop.current.flatMap { current in loops.firstIndex { $0 === current } }
  }

  private var anyLoop: RingLoop {
    loops[next.add(1, ordering: .relaxed).oldValue % loops.count]
  }
}
