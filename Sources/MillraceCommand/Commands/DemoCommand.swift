import ArgumentParser
import FilePipeline
import Glibc
import IOUring
import SystemPackage

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Wait one after another, and wait together: what asynchrony is for.",
    discussion: """
      First each wait blocks a thread until it is over, one after another. Then all wait together, as timeouts of one \
      io_uring on a single thread.
      """)

  /// A blocking part that would last longer than this is cut short, and the output says so.
  private static let longestBlockingPart = 10.0

  @Option(help: "How long each task waits.")
  var seconds = 2.0

  @Option(help: "How many tasks wait.")
  var tasks = 3

  @Flag(help: "Only wait together.")
  var together = false

  func validate() throws {
    guard seconds >= 0, seconds <= 3600 else { throw ValidationError("--seconds is a number from 0 to 3600.") }
    guard (1...1_000_000).contains(tasks) else { throw ValidationError("--tasks is a number from 1 to 1000000.") }
  }

  func run() async throws {
    let seconds = seconds
    let tasks = tasks
    let console = Console()
    if !together {
      let thread = try ThreadExecutor(name: "blocking-waits")
      try await Task(executorPreference: thread) {
        try waitOneAfterAnother(tasks: tasks, seconds: seconds, console)
      }.valueCancelling()
      await thread.shutDown()
    }
    try await waitTogether(tasks: tasks, seconds: seconds, console)
  }

  // MARK: One after another

  private func waitOneAfterAnother(tasks: Int, seconds: Double, _ console: Console) throws {
    let affordable = max(3, seconds > 0 ? Self.longestBlockingPart / seconds : .infinity)
    // As a Double: for a very short wait the number of affordable tasks may exceed Int.max.
    let count = Int(min(Double(tasks), affordable))
    let start = ContinuousClock.now
    for task in 1...count {
      try console.print("[SYNC] task \(task) starts")
      try blockThread(for: .seconds(seconds))
      try console.print("[SYNC] task \(task) is done")
    }
    let took = Figures.decimal((ContinuousClock.now - start).inSeconds, places: 4)
    if count < tasks {
      let whole = Figures.decimal(Double(tasks) * seconds, places: 0)
      try console.print("[SYNC] stopped after \(count) of \(tasks) tasks: all would take \(whole) seconds")
    }
    try console.print("[TOTAL SYNC] took \(took) seconds")
  }

  /// nanosleep(2), in steps, so that Ctrl-C takes effect at once.
  private func blockThread(for duration: Duration) throws {
    let end = ContinuousClock.now + duration
    while true {
      try Task.checkCancellation()
      let left = min(end - ContinuousClock.now, .milliseconds(100))
      if left <= .zero { return }
      let (seconds, attoseconds) = left.components
      var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
      nanosleep(&time, nil)
    }
  }

  // MARK: Together

  private func waitTogether(tasks: Int, seconds: Double, _ console: Console) async throws {
    let loop: RingLoop
    do throws(RingRefusal) {
      // Timeouts need no worker threads. The limit is set as an engine sets it, so that a system that refuses it to an
      // engine refuses it here too.
      let workers = Ring.WorkerLimits(bounded: 1, unbounded: 1)
      loop = try RingLoop(
        Ring.Configuration(operations: UInt32(min(tasks, Self.mostOperations)), workerLimits: workers))
    } catch {
      throw DemoUnavailable(message: "io_uring cannot be used here. \(error.sentence)")
    }
    do {
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 1...tasks {
          group.addTask(executorPreference: loop) {
            try console.print("[ASYNC] task \(task) starts")
            try await loop.perform(.timeout(.seconds(seconds)))
            try console.print("[ASYNC] task \(task) is done")
          }
        }
        try await group.waitForAll()
      }
      let took = Figures.decimal((ContinuousClock.now - start).inSeconds, places: 4)
      try console.print("[TOTAL ASYNC] took \(took) seconds")
    } catch {
      await loop.shutDown()
      if let failure = loop.failure { throw DemoUnavailable(message: "io_uring_enter: \(failure)") }
      throw error
    }
    await loop.shutDown()
  }

  /// Half of the largest completion queue of the kernel. Beyond that, tasks wait for a slot.
  private static let mostOperations = 32_768
}

private struct DemoUnavailable: FatalError {
  let message: String
}

/// Prints lines to standard output at once, from any thread.
private final class Console: Sendable {
  private let writer = ByteWriter(.standardOutput, flushesEveryWrite: true)

  func print(_ line: String) throws {
    do throws(Errno) {
      try writer.write(Array("\(line)\n".utf8))
    } catch {
      throw OutputError(errno: error)
    }
  }
}

extension Task where Failure == any Error {
  /// The value. Cancelling the caller cancels the task.
  fileprivate func valueCancelling() async throws -> Success {
    try await withTaskCancellationHandler {
      try await value
    } onCancel: {
      cancel()
    }
  }
}
