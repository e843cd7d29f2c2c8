import Dispatch
import Synchronization

/// The descriptor of a loop's ring, which other loops send messages to. The ring is not closed as long as one of them
/// has acquired the descriptor: a message never reaches a file that gets the descriptor's number next.
final class SharedRingDescriptor: Sendable {
  private struct State {
    var descriptor: Int32?
    var users = 0
  }

  private let state = Mutex(State())
  private let isUnused = DispatchSemaphore(value: 0)

  /// Nil before there is a ring, and after the loop's end has begun.
  var value: Int32? { state.withLock { $0.descriptor } }

  func open(_ descriptor: Int32) {
    state.withLock { $0.descriptor = descriptor }
  }

  /// The descriptor, valid until ``release()``, which must be called as soon as the operation that was submitted with
  /// it has completed; nil if there is none.
  func acquire() -> Int32? {
    state.withLock { state in
      if state.descriptor != nil { state.users += 1 }
      return state.descriptor
    }
  }

  func release() {
    let isLast = state.withLock { state in
      state.users -= 1
      return state.descriptor == nil && state.users == 0
    }
    if isLast { isUnused.signal() }
  }

  /// Blocks the loop's thread until the descriptor has been released: messages that other loops have in flight to this
  /// one complete as soon as those loops enter the kernel.
  func close() {
    let users = state.withLock { state in
      state.descriptor = nil
      return state.users
    }
    if users > 0 { isUnused.wait() }
  }
}
