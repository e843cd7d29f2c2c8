import Dispatch
import Synchronization

/// The descriptor of a loop's ring, for those who send to it. As long as one of them uses it the ring is not closed: a
/// message can never reach whoever gets the descriptor's number next.
final class RingAddress: Sendable {
  private struct State {
    var descriptor: Int32?
    var users = 0
  }

  private let state = Mutex(State())
  private let isUnused = DispatchSemaphore(value: 0)

  /// Nil before there is a ring, and from the loop's end on.
  var descriptor: Int32? { state.withLock { $0.descriptor } }

  func open(_ descriptor: Int32) {
    state.withLock { $0.descriptor = descriptor }
  }

  /// The descriptor, valid until ``endUse()``, which is to be called as soon as what was submitted with it has
  /// completed.
  func use() -> Int32? {
    state.withLock { state in
      if state.descriptor != nil { state.users += 1 }
      return state.descriptor
    }
  }

  func endUse() {
    let isLast = state.withLock { state in
      state.users -= 1
      return state.descriptor == nil && state.users == 0
    }
    if isLast { isUnused.signal() }
  }

  /// Blocks the loop's thread until nobody uses the descriptor: what other loops have in flight to this one completes
  /// as soon as they enter the kernel.
  func close() {
    let users = state.withLock { state in
      state.descriptor = nil
      return state.users
    }
    if users > 0 { isUnused.wait() }
  }
}
