import DequeModule
import Dispatch
import Synchronization

/// A queue that threads wait on. It is as long as its users are many: each has at most one element in it, or bounds its
/// own.
package final class BlockingQueue<Element: Sendable>: Sendable {
  private struct State {
    var elements = Deque<Element>()
    var sleepers = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wakeUps = DispatchSemaphore(value: 0)

  package init() {}

  /// False if the queue is closed.
  package func append(_ element: Element) -> Bool {
    let (accepted, shallWake) = state.withLock { state in
      if state.isClosed { return (false, false) }
      state.elements.append(element)
      if state.sleepers == 0 { return (true, false) }
      state.sleepers -= 1
      return (true, true)
    }
    if shallWake { wakeUps.signal() }
    return accepted
  }

  /// Waits until there is something, and takes the first. Nil if the queue is closed and empty.
  package func take() -> Element? {
    while true {
      let taken: Element?? = state.withLock { state in
        if let element = state.elements.popFirst() { return .some(element) }
        if state.isClosed { return .some(nil) }
        state.sleepers += 1
        return nil
      }
      if let taken { return taken }
      wakeUps.wait()
    }
  }

  /// Lets the threads take what is left, and then nothing.
  package func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers = 0 }
      return state.sleepers
    }
    for _ in 0..<sleepers { wakeUps.signal() }
  }
}
