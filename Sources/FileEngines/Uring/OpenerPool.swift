import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// Threads that open what cannot be opened without waiting for the disk.
///
/// An open that misses the dentry cache blocks, and io_uring hands each such open to a worker thread of its own: a
/// context switch apiece. Here they are opened by the batch, in the order in which they were asked for, and a loop is
/// woken once for all of a batch; their reads then go to the disk together and can be merged.
final class OpenerPool: Sendable {
  /// Two blocks of an ext4 inode table, which hold 16 inodes each: a cold run made a seventh fewer context switches
  /// than with one block, in the same time. A larger batch makes its first file wait for its last one.
  static let largestBatch = 32

  private struct Request: Sendable {
    let file: FileReference
    let isUncached: Bool
    let continuation: UnsafeContinuation<Result<Handover<OpenFile>, FileError>, Never>
  }

  /// The threads are started by the first file that needs them: where everything is cached there is no use for them.
  private let threads = ThreadPool<[Request]>(name: "file-opener", threadCount: EnginePlan.openers)
  private let loops: [RingLoop]
  /// By the loop's place among the loops.
  private let batchers: [OpenBatcher<Request>]
  private let pageCache: FileEngineConfiguration.PageCacheUse
  private let opened = Atomic<UInt64>(0)
  private let watch = BatchWatch()

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

  /// Opens a file for a task of the loop at this place, or, without one, for any other task. Cancellation does not
  /// shorten the wait: the call is a blocking one. Where the system has no room for a thread the present one makes it.
  func open(_ file: FileReference, isUncached: Bool, loop: Int?) async throws(FileError) -> OpenFile {
    guard threads.start({ self.work() }) > 0 else { return try openBlocking(file, isUncached: isUncached) }
    let result = await withUnsafeContinuation { continuation in
      let request = Request(file: file, isUncached: isUncached, continuation: continuation)
      let batch = loop.map { batchers[$0].add(request) } ?? [request]
      hand(over: batch)
      if batch.isEmpty { watch.begin { self.handOverWaiting() } }
    }
    if let loop { hand(over: batchers[loop].end()) }
    return try result.get().take()
  }

  /// Performs a read of the loop at this place. Files that wait to be opened may go when it has come back.
  func accountingRead<R>(loop: Int, _ body: () async throws(Errno) -> R) async throws(Errno) -> R {
    batchers[loop].begin()
    defer { hand(over: batchers[loop].end()) }
    return try await body()
  }

  private func hand(over batch: [Request]) {
    if batch.isEmpty || threads.append(batch) { return }
    // The engine has been shut down.
    for request in batch {
      request.continuation.resume(returning: .failure(FileError(request.file, .open, .engineShutDown)))
    }
  }

  /// Hands over what has waited for too long. Whether nothing waits any more.
  private func handOverWaiting() -> Bool {
    batchers.reduce(true) { isEmpty, batcher in
      let looked = batcher.look()
      hand(over: looked.batch)
      return isEmpty && looked.isEmpty
    }
  }

  private func work() {
    while let batch = threads.take() {
      let results = batch.map { request in
        Result { () throws(FileError) in
          Handover(try openBlocking(request.file, isUncached: request.isUncached))
        }
      }
      opened.add(UInt64(batch.count), ordering: .relaxed)
      RingLoop.wakingOnce(loops) {
        for (request, result) in zip(batch, results) { request.continuation.resume(returning: result) }
      }
    }
  }

  private func openBlocking(_ file: FileReference, isUncached: Bool) throws(FileError) -> OpenFile {
    let goesAround = pageCache == .bypass || pageCache == .auto && isUncached
    var opened = try Opening.open(file, aroundPageCache: goesAround)
    opened.mayBeCached = !isUncached
    return opened
  }

  /// Ends the threads once what was asked for is opened.
  func shutDown() async {
    await threads.shutDown()
  }
}
