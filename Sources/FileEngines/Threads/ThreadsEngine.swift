import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// `open`, `pread`, `pwrite`, `close` on a bounded number of threads, one file on each at a time: the honest rival of
/// the ring, and what takes its place where there is none.
public final class ThreadsEngine: FileEngine, BlockingCalls {
  public let kind = FileEngineKind.threads
  public let configuration: FileEngineConfiguration
  public let plan: EnginePlan
  /// One for each thread: from a queue for all of them, a job would wake another thread than the one that has just
  /// become free, and copying a file took 18 to 22 system calls in place of 15.
  private let threads: [ThreadExecutor]
  private let identity: Identity
  private let next = Atomic<Int>(0)
  private let buffers: IOBufferPool
  private let mark = Atomic(false)

  /// What the threads are marked with.
  private final class Identity: Sendable {}

  /// Starts the threads: as many as the system has room for beside those of the rest of the program
  /// (``threadsToKeep(of:wanted:)``), if that is fewer than were asked for.
  ///
  /// - Throws: `EAGAIN` if it has no room for even one, `EMFILE` if the process has too few descriptors left, `ENOMEM`
  ///   if it has too little address space.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    var plan = try EnginePlan.threads(configuration)
    let identity = Identity()
    self.identity = identity
    var threads: [ThreadExecutor] = []
    while threads.count < plan.depth + threadsLeftToOthers {
      let thread = ThreadExecutor(lazily: "file-reader", threadCount: 1, owner: identity)
      if thread.start() == 0 { break }
      threads.append(thread)
    }
    if threads.isEmpty { throw .resourceTemporarilyUnavailable }
    let kept = threadsToKeep(of: threads.count, wanted: plan.depth)
    for thread in threads[kept...] { thread.beginShutDown() }
    threads.removeSubrange(kept...)
    self.threads = threads
    plan.depth = kept
    plan.blockingThreads = kept
    self.plan = plan
    buffers = IOBufferPool(count: plan.depth, capacity: configuration.alignedBufferSize)
  }

  static func make(_ configuration: FileEngineConfiguration) throws(FileEngineUnavailable) -> any FileEngine {
    do throws(Errno) {
      return try ThreadsEngine(configuration)
    } catch {
      throw FileEngineUnavailable(.threads, error)
    }
  }

  public func makeBuffer() -> IOBuffer { buffers.take() }

  public var lanes: [FileEngineLane] { threads.map { FileEngineLane(executor: $0, width: 1) } }
  public var statistics: FileEngineStatistics { FileEngineStatistics() }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await opening(file, .open) { () throws(FileError) in try openOnThread(file) }
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if isShutDown { throw FileError(file.reference, .read, offset: offset, .engineShutDown) }
    return try await blocking(file.reference, .read) { () throws(FileError) in
      try file.readBlocking(into: buffer, at: offset)
    }
  }

  private func openOnThread(_ file: FileReference) throws(FileError) -> OpenFile {
    let isBypassed = configuration.pageCache == .bypass
    return try Opening.open(file, aroundPageCache: isBypassed, needsFileSystem: isBypassed)
  }

  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if ExecutorThread.isRunning(identity) { return try body() }
    let thread = threads[next.add(1, ordering: .relaxed).oldValue % threads.count]
    return try await run(on: thread, body)
  }

  public func close(_ file: consuming OpenFile) async {
    let reference = file.reference
    try? await blocking(reference, .close) { () throws(FileError) in file.closeNow() }
  }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) }

  public func shutDown() async {
    mark.store(true, ordering: .relaxed)
    for thread in threads { await thread.shutDown() }
  }
}
