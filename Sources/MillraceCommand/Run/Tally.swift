import Synchronization

/// Counts that the tasks of a run add to as the results go by.
final class Tally<Counted: TallyCounts>: Sendable {
  typealias Counts = Counted

  private let state = Mutex(Counted())

  var counts: Counts { state.withLock { $0 } }

  func update<R: Sendable>(_ body: (inout Counts) -> R) -> R {
    state.withLock { body(&$0) }
  }
}

/// Each is 0 at first.
protocol TallyCounts: Sendable {
  init()
}
