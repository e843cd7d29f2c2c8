import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// Looks at requests that wait for a batch, as long as there are any: on a thread that ends with the last of them.
final class BatchWatch: Sendable {
  private enum State {
    case idle, looking
    /// A request has begun to wait since the last look began, which may have missed it.
    case mustLookAgain
  }

  /// Between two looks, so that a request waits for up to twice as long where nothing else sends it. A guess: longer
  /// than a disk takes for a read, and too short for a person to notice.
  private static let pauseMicroseconds: UInt32 = 10_000

  private let state = Mutex(State.idle)

  /// A request has begun to wait.
  ///
  /// - Parameter look: sends what has waited for too long, and says whether nothing waits any more. No lock is held
  ///   meanwhile.
  func begin(_ look: @escaping @Sendable () -> Bool) {
    let shallStart = state.withLock { state in
      defer { state = state == .idle ? .looking : .mustLookAgain }
      return state == .idle
    }
    guard shallStart else { return }
    do throws(Errno) {
      try startThread(name: "batch-watch") {
        repeat { usleep(Self.pauseMicroseconds) } while self.continues(look)
      }
    } catch {
      // No thread, no waiting.
      while continues(look) {}
    }
  }

  private func continues(_ look: () -> Bool) -> Bool {
    let isEmpty = look()
    return state.withLock { state in
      state = isEmpty && state == .looking ? .idle : .looking
      return state == .looking
    }
  }
}
