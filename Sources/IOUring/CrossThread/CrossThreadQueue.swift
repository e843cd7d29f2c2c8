import LinuxSystem
import Synchronization

/// What other threads enqueue for a loop, and whether the loop sleeps: the first thread to enqueue something wakes the
/// loop, and the others do not.
final class CrossThreadQueue: Sendable {
  /// What a cancelled task waits for.
  enum Cancellation: Sendable, Hashable {
    case operation(OperationID)
    case slots(WaiterID)
    case message(WaiterID)
  }

  /// What the loop processes together.
  struct Batch {
    var jobs: [UnownedJob] = []
    var cancellations: [Cancellation] = []
    var shutDownRequested = false

    var isEmpty: Bool { jobs.isEmpty && cancellations.isEmpty && !shutDownRequested }

    /// Keeps the memory of the arrays.
    mutating func removeAll() {
      jobs.removeAll(keepingCapacity: true)
      cancellations.removeAll(keepingCapacity: true)
      shutDownRequested = false
    }
  }

  private struct State {
    var batch = Batch()
    var isAsleep = false
    /// The loop's thread has ended.
    var isClosed = false

    /// Whether the caller must wake the loop. One caller gets true.
    mutating func takeWake() -> Bool {
      guard isAsleep, !batch.isEmpty else { return false }
      isAsleep = false
      return true
    }
  }

  private let state = Mutex(State())

  enum Delivery {
    case accepted(wake: Bool)
    case closed
  }

  /// Adds something to the next batch.
  func enqueue(_ change: (inout Batch) -> Void) -> Delivery {
    state.withLock { state in
      if state.isClosed { return .closed }
      change(&state.batch)
      return .accepted(wake: state.takeWake())
    }
  }

  /// For the loop: exchanges the next batch for an empty one.
  func takeBatch(into batch: inout Batch) {
    state.withLock { state in
      swap(&state.batch, &batch)
    }
  }

  /// For the loop: whether it may sleep. If so it counts as asleep until a thread is told to wake it, or the loop calls
  /// ``stayAwake()``.
  func fallAsleep() -> Bool {
    state.withLock { state in
      state.isAsleep = state.batch.isEmpty
      return state.isAsleep
    }
  }

  /// Whether the loop sleeps, or is about to.
  var isAsleep: Bool { state.withLock { $0.isAsleep } }

  func stayAwake() {
    state.withLock { $0.isAsleep = false }
  }

  /// For the loop, when nothing is left to do: refuses everything from now on. False if something was enqueued in the
  /// meantime.
  func close() -> Bool {
    state.withLock { state in
      state.isClosed = state.batch.jobs.isEmpty && state.batch.cancellations.isEmpty
      return state.isClosed
    }
  }
}
