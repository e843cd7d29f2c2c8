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
    return sum
  }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    var isUncached = false
    if mayOpenHere(file) {
      let descriptor = file.withRelativePath { openCached($0, $1, Opening.flags(for: file)) }
      if descriptor >= 0 {
        var opened = try Opening.examine(file, FileDescriptor(rawValue: descriptor))
        if configuration.pageCache == .bypass { opened.goAroundPageCache() }
        return opened
      }
      isUncached = descriptor == -EAGAIN
    }
    // The helpers find out. Where there is no such system call, too: then nothing is known of the cache.
    return try await openers.open(file, isUncached: isUncached, loop: currentLoop)
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
    if let count = readNow(file, into: buffer, at: offset) { return count }
    do throws(Errno) {
      do throws(Errno) {
        return try await ringRead(file, into: buffer, at: offset)
      } catch  where error == .invalidArgument && file.isDirect {
        file.returnToPageCache()
        return try await ringRead(file, into: buffer, at: offset)
      }
    } catch {
      throw FileError(file.reference, .read, offset: offset, FileError.Cause(error))
    }
  }

  /// Reads what the page cache can give on the spot. With `O_DIRECT` the call would wait for the disk.
  private func readNow(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) -> Int? {
    file.mayBeCached && !file.isDirect ? readCached(file.descriptor, into: buffer, at: offset) : nil
  }

  private func ringRead(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(Errno) -> Int {
    guard let current = currentLoop else { return try await anyLoop.read(file.descriptor, into: buffer, at: offset) }
    return try await openers.accountingRead(loop: current) { () throws(Errno) in
      try await loops[current].read(file.descriptor, into: buffer, at: offset)
    }
  }

  /// What is not cached of a large file is read ahead, on the loop's own thread, if not too many are already. What is cached
  /// goes through the one buffer, which the processor's caches hold.
  public func readToEnd(
    _ file: OpenFile, from offset: Int64, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) -> Int64 {
    var offset = offset
    if file.size - offset >= ReadAhead.worthwhile { try await readWhileCached(file, &offset, through: buffer, body) }
    if file.size - offset >= ReadAhead.worthwhile, let current = currentLoop, budget.claim() {
      defer { budget.release() }
      let ahead = ReadAhead(file, from: offset, on: loops[current])
      let result = await readAhead(ahead, &offset, body)
      await ahead.drain()
      try result.get()
    }
    return try await readSequentially(file, from: offset, through: buffer, body)
  }

  /// Goes as far as the page cache takes it.
  private func readWhileCached(
    _ file: OpenFile, _ offset: inout Int64, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) {
    var reads = 0
    while let count = readNow(file, into: buffer, at: offset), count > 0 {
      buffer.withBytes(count, body)
      offset += Int64(count)
      reads += 1
      if reads % FileReader.readsPerTurn == 0 {
        if Task.isCancelled { throw FileError(file.reference, .read, offset: offset, .cancelled) }
        await Task.yield()
      }
    }
  }

  /// Goes as far as reading ahead takes it: the rest, and the end, are for reading in sequence.
  private func readAhead(
    _ ahead: ReadAhead, _ offset: inout Int64, _ body: (RawSpan) -> Void
  ) async -> Result<Void, FileError> {
    do throws(Errno) {
      // What is cached arrives without anybody looking at the task.
      while !Task.isCancelled, let piece = try await ahead.nextPiece(), piece.count > 0 {
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
      return .failure(FileError(ahead.file.reference, .read, offset: offset, FileError.Cause(error)))
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
