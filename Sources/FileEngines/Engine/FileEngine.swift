import IOUring
import SystemPackage

/// A way to read and write files. Three of them give the same bytes and the same errors: ``UringEngine``,
/// ``ThreadsEngine`` and ``BlockingEngine``.
///
/// An engine has *lanes*: executors on which its calls cost no change of thread, each with a number of tasks that it
/// wants there. Put that many long-lived tasks on each lane and let each go through file after file with a
/// ``FileReader``; from anywhere else the calls are legal too, and hop.
///
/// Every file that is opened is closed once, which ends its value. When a task is cancelled, a read that waits ends
/// with that cause; one that blocks a thread of the engine's own runs to its end first.
public protocol FileEngine: AnyObject, Sendable, FileWriting {
  var kind: FileEngineKind { get }
  var configuration: FileEngineConfiguration { get }
  /// How many threads, files and bytes the engine takes.
  var plan: EnginePlan { get }
  var lanes: [FileEngineLane] { get }
  var statistics: FileEngineStatistics { get }

  /// A buffer for reading, of the configured size, rounded up to what `O_DIRECT` needs. It may outlive the engine.
  func makeBuffer() -> IOBuffer

  /// Opens a regular file for reading. Never waits for the other end of a FIFO.
  func open(_ file: FileReference) async throws(FileError) -> OpenFile

  /// Reads up to the buffer's capacity from `offset`, in bytes. Returns how many bytes came: 0 at the end of the file
  /// only, fewer than asked for anywhere.
  func read(
    _ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64
  ) async throws(FileError) -> Int

  /// Opens a file, calls `body` with its bytes, in order and at least one at a time, closes it, and returns how many
  /// were passed to `body`. The default implementation makes the calls above and below; an engine may have a better
  /// one.
  ///
  /// - Parameters:
  ///   - excluded: files that are not read, by any name. The open descriptor tells which file it is; where there are
  ///     none, no call is made for that.
  ///   - buffer: for the bytes; the caller's alone until the call returns.
  ///   - body: answers ``ByteDemand/enough`` to end the reading: no further read is made, reads ahead are cancelled and
  ///     waited for, and the file is closed. The same happens when it throws.
  /// - Throws: for a file among `excluded` an error with the cause ``FileError/Cause/excluded``. What `body` throws has
  ///   the operation ``FileError/Operation/process``, the offset of the piece and the cause
  ///   ``FileError/Cause/processing(_:)``, or ``FileError/Cause/cancelled`` for a `CancellationError`; a ``FileError``
  ///   is passed on as it is. When the task is cancelled, the read that waits or the next one throws, with the cause
  ///   ``FileError/Cause/cancelled``.
  func readFile(
    _ file: FileReference, excluding excluded: [FileIdentity], through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64

  /// Reads a file that fits into the buffer, with some room to spare, and what it has beside its contents.
  ///
  /// - Parameters:
  ///   - excluded: as for ``readFile(_:excluding:through:_:)``.
  ///   - buffer: for the bytes, from its start; the caller's alone until the call returns.
  ///   - extended: whether the extended attributes are wanted, xattr(7).
  /// - Returns: nil for a larger file, and where one read cannot tell that it has brought all (as in /proc, where files
  ///   have no size): what is in the buffer then is of no use.
  /// - Throws: as ``readFile(_:excluding:through:_:)``; what listxattr(2) and getxattr(2) say, with the operation
  ///   ``FileError/Operation/attributes``.
  func readWhole(
    _ file: FileReference, excluding excluded: [FileIdentity], into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile?

  /// Closes the file. Does not fail: there is nothing to be lost in a file that was only read.
  func close(_ file: consuming OpenFile) async

  /// Ends the engine: what is called from then on to open, read, write or copy a file fails with
  /// ``FileError/Cause/engineShutDown``, what the kernel has not answered yet is cancelled, and the threads end.
  /// Returns when they have: a call that a daemon or a server never answers keeps it waiting.
  ///
  /// What is open can still be written, closed, published and discarded, and tasks that are on the lanes continue, each
  /// step on a thread of its own: slowly, to their next call. Not to be called from a lane.
  func shutDown() async
}

/// A place for tasks that read files.
public struct FileEngineLane: Sendable {
  public let executor: any TaskExecutor
  /// How many tasks, and so files in flight, the engine wants there.
  public let width: Int

  public init(executor: any TaskExecutor, width: Int) {
    self.executor = executor
    self.width = width
  }
}

/// What an engine has done since it was made.
public struct FileEngineStatistics: Sendable, Hashable {
  /// Calls of io_uring_enter(2).
  public var enters: UInt64 = 0
  /// Operations put on a ring.
  public var ringOperations: UInt64 = 0
  /// Files that were opened on a helper thread, because opening them would have blocked a loop.
  public var helperOpens: UInt64 = 0
  /// Blocking calls that were made on a helper thread: for writing, and where a daemon or a server answers; opening a
  /// file there is counted in ``helperOpens`` too.
  public var helperCalls: UInt64 = 0
  /// Files in target trees that were written by chains of operations on a ring.
  public var filesWrittenByChain: UInt64 = 0
  /// Files in target trees that the engine of rings wrote by system calls, or finished so.
  public var filesWrittenByCalls: UInt64 = 0

  public init() {}

  /// What was done between two moments.
  public static func - (later: Self, earlier: Self) -> Self {
    var difference = later
    difference.enters -= earlier.enters
    difference.ringOperations -= earlier.ringOperations
    difference.helperOpens -= earlier.helperOpens
    difference.helperCalls -= earlier.helperCalls
    difference.filesWrittenByChain -= earlier.filesWrittenByChain
    difference.filesWrittenByCalls -= earlier.filesWrittenByCalls
    return difference
  }
}
