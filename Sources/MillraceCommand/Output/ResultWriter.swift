import FilePipeline
import Glibc
import Synchronization
import SystemPackage

/// Standard output: results, and with `--json` the failures too.
///
/// On a terminal each result is written at once. Otherwise results are buffered as long as the next one is ready: with
/// the first buffered result a flush is enqueued on the writing thread, which runs it when the sink suspends or has
/// ended. So neither a slow source nor the cancellation of the run withholds results.
final class ResultWriter: Sendable {
  private let writer = ByteWriter(.standardOutput)
  /// Progress may be shown on the same terminal.
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private let json: Bool
  private let thread: ThreadExecutor?
  private let isFlushPosted = Atomic<Bool>(false)

  /// - Parameter thread: the executor of the caller of ``write(_:)``; without it only ``flush()`` empties the buffer.
  init(json: Bool, on thread: ThreadExecutor? = nil) {
    self.json = json
    self.thread = thread
  }

  func write(_ body: (inout [UInt8]) throws -> Void) throws {
    var bytes: [UInt8] = []
    try body(&bytes)
    if bytes.isEmpty { return }
    try checked { () throws(Errno) in
      if isTerminal {
        // Unbuffered, since it is a terminal.
        try ProgressLine.erased { () throws(Errno) in try writer.write(bytes) }
      } else {
        try writer.write(bytes)
        postFlush()
      }
    }
  }

  private func postFlush() {
    // The writer's lock orders these accesses: a write either precedes the flush or sees the flag reset.
    guard let thread, !isFlushPosted.exchange(true, ordering: .relaxed) else { return }
    Task(executorPreference: thread) { [self] in
      isFlushPosted.store(false, ordering: .relaxed)
      // An error is thrown by the next call.
      try? writer.flush()
    }
  }

  /// A failure: a line on standard error, and with `--json` an object among the results.
  func write(_ error: FileError) throws {
    Diagnostics.report(error)
    try record(error)
  }

  /// With `--json` an object among the results.
  func record(_ error: FileError) throws {
    if json { try write { try JSONLines().append(FailureRecord(error), path: error.path, to: &$0) } }
  }

  func flush() throws {
    try checked { () throws(Errno) in try writer.flush() }
  }

  private func checked(_ body: () throws(Errno) -> Void) throws {
    do throws(Errno) {
      try body()
    } catch {
      throw OutputError(errno: error)
    }
  }
}

struct OutputError: FatalError {
  let errno: Errno
  var message: String { "standard output: write: \(errno)" }
}
