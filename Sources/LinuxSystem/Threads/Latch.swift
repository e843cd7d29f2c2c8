import Dispatch
import Synchronization

/// A value that comes once, from one thread, and that threads and tasks wait for.
package final class Latch<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiters: [CheckedContinuation<Value, Never>] = []
  }

  private let state = Mutex(State())
  private let isOpen = DispatchSemaphore(value: 0)

  package init() {}

  /// Sets the value. Called once.
  package func open(with value: Value) {
    let waiters = state.withLock { state in
      precondition(state.value == nil, "a latch opens once")
      state.value = value
      return state.waiters
    }
    isOpen.signal()
    for waiter in waiters { waiter.resume(returning: value) }
  }

  /// Whether the value is there.
  package var isSet: Bool { state.withLock { $0.value != nil } }

  /// Blocks the thread until the value is there. For threads that may block, not for tasks.
  package func wait() -> Value {
    isOpen.wait()
    isOpen.signal()
    return state.withLock { $0.value! }
  }

  /// Suspends the task until the value is there. Cancellation does not end the wait.
  package var value: Value {
    get async {
      await withCheckedContinuation { continuation in
        let value = state.withLock { state in
          if state.value == nil { state.waiters.append(continuation) }
          return state.value
        }
        if let value { continuation.resume(returning: value) }
      }
    }
  }
}
