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
  private let threads: ThreadExecutor
  private let buffers: IOBufferPool
  private let mark = Atomic(false)

  /// Starts the threads: as many as the system has room for beside those of the rest of the program
  /// (``ThreadExecutor/init(name:threadCount:)``), if that is fewer than were asked for.
  ///
  /// - Throws: `EAGAIN` if it has no room for even one, `EMFILE` if the process has too few descriptors left, `ENOMEM`
  ///   if it has too little address space.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    var plan = try EnginePlan.threads(configuration)
    threads = ThreadExecutor(lazily: "file-reader", threadCount: plan.depth)
    plan.depth = threads.start()
    if plan.depth == 0 { throw .resourceTemporarilyUnavailable }
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

  public var lanes: [FileEngineLane] { [FileEngineLane(executor: threads, width: plan.depth)] }
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
    if threads.isCurrent { return try body() }
    return try await run(on: threads, body)
  }

  public func close(_ file: consuming OpenFile) async {
    let reference = file.reference
    try? await blocking(reference, .close) { () throws(FileError) in file.closeNow() }
  }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) }

  public func shutDown() async {
    mark.store(true, ordering: .relaxed)
    await threads.shutDown()
  }
}
