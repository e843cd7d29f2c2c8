import Dispatch
import Glibc
import Synchronization

/// Ctrl-C: the first cancels the run, which lets go of what is in flight and ends; the second ends the program at once.
enum Interruption {
  /// How long a run may take to end. One that is blocked, by a terminal where nobody types or a pipe that nobody empties,
  /// cannot be cancelled, and the program ends without it. A guess: half of what feels like no answer.
  private static let patience = DispatchTimeInterval.milliseconds(500)

  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  /// Runs `body` in a task that SIGINT cancels.
  ///
  /// - Returns: the exit status: 130 if it was interrupted, else 0.
  /// - Throws: what `body` throws, unless it was interrupted.
  static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws -> Int32 {
    let wasInterrupted = Flag()
    let work = Task { try await body() }
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      wasInterrupted.isSet.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
      work.cancel()
      DispatchQueue.global().asyncAfter(deadline: .now() + patience) {
        Diagnostics.report("interrupted")
        _exit(ExitStatus.interrupted)
      }
    }
    source.activate()
    defer { source.cancel() }
    do {
      try await work.value
    } catch {
      if !wasInterrupted.isSet.load(ordering: .relaxed) { throw error }
    }
    guard wasInterrupted.isSet.load(ordering: .relaxed) else { return ExitStatus.success }
    Diagnostics.report("interrupted")
    return ExitStatus.interrupted
  }
}
