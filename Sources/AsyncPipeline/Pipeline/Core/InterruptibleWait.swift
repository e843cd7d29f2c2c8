import Synchronization

/// The waits of one task, such as those of a source for its next element, which another task may end for good.
@usableFromInline
final class InterruptibleWait: Sendable {
  private enum State {
    case idle, waiting
    /// Ended between two waits.
    case stopped
    /// Ended during a wait.
    case interrupted
  }

  private let state = Mutex(State.idle)
  /// Finished when the wait is to be cancelled, or there will be no further wait.
  @usableFromInline let interruption = Channel<Never>(capacity: 0)

  @usableFromInline
  init() {}

  /// Begins a wait. False if there is to be no further wait.
  @usableFromInline
  func begin() -> Bool {
    state.withLock { state in
      if case .idle = state { state = .waiting }
      if case .waiting = state { return true }
      return false
    }
  }

  /// Ends a wait. False if it was interrupted.
  @usableFromInline
  func end() -> Bool {
    state.withLock { state in
      if case .interrupted = state { return false }
      state = .idle
      return true
    }
  }

  /// Ends the wait that the task is in, if it is in one, and all further ones.
  @usableFromInline
  func interrupt() {
    let isWaiting = state.withLock { state in
      if case .waiting = state {
        state = .interrupted
        return true
      }
      if case .idle = state { state = .stopped }
      return false
    }
    if isWaiting { interruption.finish() }
  }

  /// There will be no further wait.
  @usableFromInline
  func finish() {
    interruption.finish()
  }

  /// Returns when a wait is interrupted, there will be no further one, or the task is cancelled.
  @usableFromInline
  func untilInterrupted() async {
    _ = await interruption.receive(upTo: 1)
  }
}
