import Glibc
import LinuxSystem
import Synchronization

/// The end on request: the first SIGINT, SIGTERM or SIGHUP cancels the run, which writes what it knows, lets go of what
/// is in flight, removes what it has made for itself and ends; then the process ends by that signal. A second one ends
/// the process at once.
final class Interruption: Sendable {
  /// How long a cancelled run may take to end. One that is blocked, by a terminal that sends nothing or a pipe that
  /// nothing reads, cannot be cancelled, and the process ends without it. A guess: half of what feels like no answer.
  private static let shutdownGrace = Duration.milliseconds(500)
  /// How long the last line may take, in microseconds. A guess, which leaves a busy machine time to write it.
  private static let messageGrace: UInt32 = 250_000
  /// Signals that arrive within this time are one request: timeout(1) sends one to its child and one to the child's
  /// group, and a terminal that is closed may cause several. A guess, shorter than the time between two keystrokes.
  private static let repetitionInterval = Duration.milliseconds(100)

  /// The first signal, or 0.
  private let received = Atomic<Int32>(0)
  private let isReported = Atomic<Bool>(false)

  /// For the main thread, which does nothing else: waits for a signal, and ends the process in time.
  func wait(for signals: TerminationSignals, cancelling work: Task<Never, Never>) -> Never {
    let first = signals.wait()
    received.store(first, ordering: .releasing)
    // The reader of a pipe may die of the same Ctrl-C. The process is not to die of what it still writes.
    signal(SIGPIPE, SIG_IGN)
    work.cancel()
    // From here on, since cancelling takes its time: what arrived meanwhile is no second request.
    let start = ContinuousClock.now

    repeat {
      let end = ContinuousClock.now + Self.shutdownGrace
      while let next = signals.wait(until: end) {
        if ContinuousClock.now - start > Self.repetitionInterval { TerminationSignals.endProcess(by: next) }
      }
    } while PendingCleanup.isPending
    // Standard error may be what blocks. Where no thread can be had for that, a further signal ends the process.
    try? startThread(name: "message-grace") {
      usleep(Self.messageGrace)
      TerminationSignals.endProcess(by: first)
    }
    signals.unblock()
    reportAndEnd(first)
  }

  /// For a run that has ended, successfully or not: returns if there was no signal.
  func endProcessIfInterrupted() {
    let signal = received.load(ordering: .acquiring)
    if signal != 0 { reportAndEnd(signal) }
  }

  private func reportAndEnd(_ signal: Int32) -> Never {
    // The second caller leaves the end to the first, or to the thread that keeps the time.
    if isReported.exchange(true, ordering: .relaxed) { while true { pause() } }
    Diagnostics.report(Self.message(signal))
    TerminationSignals.endProcess(by: signal)
  }

  private static func message(_ signal: Int32) -> String {
    switch signal {
    case SIGTERM: "terminated"
    case SIGHUP: "hung up"
    default: "interrupted"
    }
  }
}
