import Glibc
import LinuxSystem
import Synchronization

/// Ctrl-C. The first SIGINT, SIGTERM or SIGHUP cancels the run, which writes pending results, cancels operations in
/// flight, removes its temporary files and ends; then the process ends by that signal. A second signal ends the process
/// at once.
final class Interruption: Sendable {
  /// How long a cancelled run may take to end. A run that is blocked on an idle terminal or a full pipe cannot be
  /// cancelled, and the process ends without it. A guess: half of the delay that a user takes for a hang.
  private static let shutdownGrace = Duration.milliseconds(500)
  /// How long writing the last line may take, in microseconds. A guess, long enough for a busy machine.
  private static let messageGrace: UInt32 = 250_000
  /// Signals that arrive within this time count as one: timeout(1) sends one to its child and one to the child's
  /// process group, and closing a terminal may cause several. A guess, shorter than the time between two keystrokes.
  private static let repetitionInterval = Duration.milliseconds(100)

  /// The first signal, or 0.
  private let received = Atomic<Int32>(0)
  private let isReported = Atomic<Bool>(false)

  /// Runs on the main thread: waits for a signal, and ends the process within the grace periods.
  func wait(for signals: TerminationSignals, cancelling work: Task<Never, Never>) -> Never {
    let first = signals.wait()
    received.store(first, ordering: .releasing)
    // The reader of a pipe may end by the same Ctrl-C. Writing to it must not end this process by SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    work.cancel()
    // Taken after cancelling, which takes time: a signal that arrived meanwhile is not a second request.
    let start = ContinuousClock.now

    repeat {
      let end = ContinuousClock.now + Self.shutdownGrace
      while let next = signals.wait(until: end) {
        if ContinuousClock.now - start > Self.repetitionInterval { TerminationSignals.endProcess(by: next) }
      }
    } while PendingCleanup.isPending
    // Standard error may block. If no thread can be started for this, a further signal ends the process.
    try? startThread(name: "message-grace") {
      usleep(Self.messageGrace)
      TerminationSignals.endProcess(by: first)
    }
    signals.unblock()
    reportAndEnd(first)
  }

  /// Called when a run has ended, successfully or not. Returns if there was no signal.
  func endProcessIfInterrupted() {
    let signal = received.load(ordering: .acquiring)
    if signal != 0 { reportAndEnd(signal) }
  }

  private func reportAndEnd(_ signal: Int32) -> Never {
    // A second caller waits for the first one, or the thread of the grace period, to end the process.
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
