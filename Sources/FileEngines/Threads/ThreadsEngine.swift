import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// `open`, `pread`, `pwrite`, `close` on a bounded number of threads, one file on each at a time: the honest rival of
/// the ring, and what takes its place where there is none.
public final class ThreadsEngine: FileEngine, BlockingCalls {
  /// How many threads there are by default. Cold, 64 threads read a tree in 0.9 of the time of 16, and 128 in 0.93 of
  /// 64's; warm, two do as well as all (measured in C on two cores).
  public static let defaultDepth = 64

  public let kind = FileEngineKind.threads
  public let configuration: FileEngineConfiguration
  private let threads: [ThreadExecutor]
  private let buffers: IOBufferPool
  private let identity: Identity
  private let next = Atomic<Int>(0)
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
    let identity = Identity()
    self.identity = identity
    try DescriptorLimit.require(0)
    let wanted = min(max(configuration.depth ?? Self.defaultDepth, 1), DescriptorLimit.files(beside: 0))
    let size = threadStackSize + configuration.alignedBufferSize
    let count = try AddressSpace.count(of: size, beside: 0, atMost: wanted)
    var threads = [try ThreadExecutor(name: "file-reader", owner: identity)]
    while threads.count < count + threadsLeftToOthers {
      guard let thread = try? ThreadExecutor(name: "file-reader", owner: identity, isPatient: false) else { break }
      threads.append(thread)
    }
    let kept = threadsToKeep(of: threads.count, wanted: count)
    for thread in threads[kept...] { thread.beginShutDown() }
    threads.removeSubrange(kept...)
    self.threads = threads
    buffers = IOBufferPool(count: threads.count, capacity: configuration.alignedBufferSize)
  }

  public func makeBuffer() -> IOBuffer { buffers.take() }

  public var lanes: [FileEngineLane] { threads.map { FileEngineLane(executor: $0, width: 1) } }
  public var statistics: FileEngineStatistics { FileEngineStatistics() }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await opening(file, .open) { () throws(FileError) in try openHere(file) }
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if isShutDown { throw FileError(file.reference, .read, offset: offset, .engineShutDown) }
    return try await blocking(file.reference, .read) { () throws(FileError) in
      try file.readBlocking(into: buffer, at: offset)
    }
  }

  private func openHere(_ file: FileReference) throws(FileError) -> OpenFile {
    let isBypassed = configuration.pageCache == .bypass
    return try Opening.open(file, aroundPageCache: isBypassed, needsFileSystem: isBypassed)
  }

  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if ExecutorThread.isRunning(identity) { return try body() }
    var result: R?
    try await withTaskExecutorPreference(anyThread) { () async throws(FileError) in result = try await there(body) }
    return result.take()!
  }

  /// What is called with a preference runs where the preference says; a closure with a preference need not.
  @concurrent private func there<R: ~Copyable & Sendable>(
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try body()
  }

  private var anyThread: ThreadExecutor {
    threads[next.add(1, ordering: .relaxed).oldValue % threads.count]
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
