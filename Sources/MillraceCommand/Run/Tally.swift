import Synchronization

/// Counts that are updated as results pass, from any task.
final class Tally<Counts: Sendable>: Sendable {
  private let state: Mutex<Counts>

  init(_ initial: Counts) {
    state = Mutex(initial)
  }

  var counts: Counts { state.withLock { $0 } }

  func update<R: Sendable>(_ body: (inout Counts) -> R) -> R {
    state.withLock { body(&$0) }
  }
}
