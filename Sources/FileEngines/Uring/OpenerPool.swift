import IOUring
import Synchronization
import SystemPackage

/// Threads that open what cannot be opened without waiting for the disk.
///
/// An open that misses the dentry cache blocks, and io_uring hands each such open to a worker thread of its own: a context
/// switch apiece. Here they are opened by the batch, in the order in which they were asked for, and a loop is woken once for
/// all of a batch; their reads then go to the disk together and can be merged.
final class OpenerPool: Sendable {
  /// 8 to 16 openers kept two loops fed from a cold disk; more gained nothing (measured in C on two cores).
  static let threadCount = 8
  /// Two blocks of an ext4 inode table, which hold 16 inodes each: a cold run made a seventh fewer context switches than with one
  /// block, in the same time. A larger batch makes its first file wait for its last one.
  static let largestBatch = 32

  private struct Request: Sendable {
    let file: FileReference
    let isUncached: Bool
    let continuation: UnsafeContinuation<Result<OpenFile, FileError>, Never>
  }

  private let batches = BlockingQueue<[Request]>()
  private let loops: [RingLoop]
  /// By the loop's place among the loops.
  private let batchers: [OpenBatcher<Request>]
  private let pageCache: FileEngineConfiguration.PageCacheUse
  private let running: Mutex<[Latch<Void>]> = Mutex([])
  private let opened = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - loops: the loops whose tasks will ask.
  ///   - pageCache: with `auto`, files that are not cached are read around it.
  init(loops: [RingLoop], pageCache: FileEngineConfiguration.PageCacheUse) {
    self.loops = loops
    self.pageCache = pageCache
    batchers = loops.map { _ in OpenBatcher(largest: Self.largestBatch) }
  }

  /// How many files were opened here.
  var count: UInt64 { opened.load(ordering: .relaxed) }

  /// Opens a file for a task of the loop at this place, or, without one, for any other task. Cancellation does not shorten the
  /// wait: the call is a blocking one.
  func open(_ file: FileReference, isUncached: Bool, loop: Int?) async throws(FileError) -> OpenFile {
    do throws(Errno) { try startThreads() } catch { throw FileError(file, .open, .system(error)) }
    let result = await withUnsafeContinuation { continuation in
      let request = Request(file: file, isUncached: isUncached, continuation: continuation)
      hand(over: loop.map { batchers[$0].add(request) } ?? [request])
    }
    if let loop { hand(over: batchers[loop].end()) }
    return try result.get()
  }

  /// Performs a read of the loop at this place. Files that wait to be opened may go when it has come back.
  func accountingRead<R>(loop: Int, _ body: () async throws(Errno) -> R) async throws(Errno) -> R {
    batchers[loop].begin()
    defer { hand(over: batchers[loop].end()) }
    return try await body()
  }

  private func hand(over batch: [Request]) {
    if batch.isEmpty || batches.append(batch) { return }
    // The engine has been shut down.
    for request in batch {
      request.continuation.resume(returning: .failure(FileError(request.file, .open, .engineShutDown)))
    }
  }

  /// With the first file that needs them: where everything is cached there is no use for them.
  private func startThreads() throws(Errno) {
    try running.withLock { running throws(Errno) in
      if !running.isEmpty { return }
      while running.count < Self.threadCount {
        let ended = Latch<Void>()
        do throws(Errno) {
          try startThread(name: "file-opener") {
            self.work()
            ended.open(with: ())
          }
        } catch {
          // Fewer will do.
          if running.isEmpty { throw error }
          return
        }
        running.append(ended)
      }
    }
  }

  private func work() {
    while let batch = batches.take() {
      let results = batch.map { request in
        Result { () throws(FileError) in
          let goesAround = pageCache == .bypass || pageCache == .auto && request.isUncached
          var file = try Opening.open(request.file, aroundPageCache: goesAround)
          file.mayBeCached = !request.isUncached
          return file
        }
      }
      opened.add(UInt64(batch.count), ordering: .relaxed)
      RingLoop.wakingOnce(loops) {
        for (request, result) in zip(batch, results) { request.continuation.resume(returning: result) }
      }
    }
  }

  /// Ends the threads once what was asked for is opened.
  func shutDown() async {
    batches.close()
    for ended in running.withLock({ $0 }) { await ended.value }
  }
}
