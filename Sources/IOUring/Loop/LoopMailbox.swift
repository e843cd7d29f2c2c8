import DequeModule
import Synchronization

/// What other threads leave for a loop. It knows whether the loop sleeps, so that the first to come wakes it and the
/// others don't.
final class LoopMailbox: Sendable {
  struct Contents {
    var jobs: [UnownedJob] = []
    var cancellations: [OperationID] = []
    /// Tasks that were cancelled while they waited for a slot, by their tickets.
    var cancelledWaiters: [UInt64] = []
    var shallStop = false

    var isEmpty: Bool { jobs.isEmpty && cancellations.isEmpty && cancelledWaiters.isEmpty && !shallStop }
  }

  private struct State {
    var contents = Contents()
    var isAsleep = false
    /// The loop's thread has gone, or never came.
    var isClosed = false

    /// Whether the caller must wake the loop. Only one is told so.
    mutating func takeWake() -> Bool {
      guard isAsleep, !contents.isEmpty else { return false }
      isAsleep = false
      return true
    }
  }

  private let state = Mutex(State())

  enum Delivery {
    case accepted(wake: Bool)
    case closed
  }

  /// Leaves something.
  func leave(_ change: (inout Contents) -> Void) -> Delivery {
    state.withLock { state in
      if state.isClosed { return .closed }
      change(&state.contents)
      return .accepted(wake: state.takeWake())
    }
  }

  /// For the loop: takes what is there.
  func takeAll(into contents: inout Contents) {
    state.withLock { state in
      swap(&state.contents, &contents)
    }
  }

  /// For the loop: whether it may sleep. If so it counts as asleep until somebody is told to wake it or it says
  /// ``stayAwake()``.
  func fallAsleep() -> Bool {
    state.withLock { state in
      state.isAsleep = state.contents.isEmpty
      return state.isAsleep
    }
  }

  /// Whether it sleeps, or is about to.
  var isAsleep: Bool { state.withLock { $0.isAsleep } }

  func stayAwake() {
    state.withLock { $0.isAsleep = false }
  }

  /// For the loop, when nothing is left: refuses all that comes. False if something came in the meantime.
  func close() -> Bool {
    state.withLock { state in
      state.isClosed = state.contents.jobs.isEmpty && state.contents.cancellations.isEmpty
      return state.isClosed
    }
  }
}
