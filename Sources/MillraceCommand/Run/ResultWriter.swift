import FilePipeline
import Glibc
import Synchronization
import SystemPackage

/// Standard output: results, and with `--json` the failures too.
///
/// On a terminal each result appears at once. Elsewhere results are collected while the next one is ready, and written
/// when it is not: after the first that is held, a flush is posted to the thread that writes, which comes to it when
/// the sink suspends or has ended. So neither a slow source nor the cancellation of the run withholds what is known.
final class ResultWriter: Sendable {
  private let writer = ByteWriter(.standardOutput)
  /// Results and progress may be on the same terminal.
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private let json: Bool
  private let thread: ThreadExecutor?
  private let isFlushPosted = Atomic<Bool>(false)

  /// - Parameter thread: where results are written one after another; without it only ``flush()`` writes what is held.
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
        // Written out at once, since it is one.
        try Diagnostics.withoutProgress { () throws(Errno) in try writer.write(bytes) }
      } else {
        try writer.write(bytes)
        postFlush()
      }
    }
  }

  private func postFlush() {
    // The writer's lock orders these accesses: a write either precedes the flush or finds the flag reset.
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

struct OutputError: RunAbortion {
  let errno: Errno
  var message: String { "standard output: write: \(errno)" }
}

struct FailureRecord: Encodable {
  let type = "failure"
  let operation: String
  let error: String
  let offset: Int64?

  init(_ error: FileError) {
    operation = error.operation.rawValue
    self.error = error.reason
    offset = error.offset
  }
}

/// The last line of `--json`.
struct SummaryRecord: Encodable {
  let type = "summary"
  let engine: String
  let files: Int
  let failed: Int
  let skipped: Int
  let bytes: Int64
  let seconds: Double
  let enters: UInt64

  init(_ summary: RunSummary) {
    let (run, counts) = (summary.run, summary.counts)
    (files, failed, skipped, bytes) = (counts.files, counts.failed, counts.skipped, counts.bytes)
    engine = run.engine.rawValue
    seconds = run.duration.inSeconds
    enters = run.statistics.enters
  }
}
