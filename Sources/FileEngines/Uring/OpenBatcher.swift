import Synchronization

/// Collects the opens that one loop's tasks ask for, until there are enough for a helper thread to be worth its wake-up.
///
/// Neighbours in a batch are neighbours on the disk if the files were asked for in the order of their inodes: the first waits
/// for a block of the inode table, and the others find it there.
///
/// A request never waits for nothing: as soon as fewer operations are under way than half as many as wait, they go. So the
/// batches shrink when there is little to do, and the last request of all goes at once.
final class OpenBatcher<Request: Sendable>: Sendable {
  private struct State {
    var waiting: [Request] = []
    /// Opens with the helpers and reads with the ring: what will come back by itself, and look here again.
    var underWay = 0
  }

  private let state = Mutex(State())
  private let largest: Int

  /// - Parameter largest: how many requests are enough, however many operations are under way.
  init(largest: Int) {
    self.largest = largest
  }

  /// Adds a request. The batch that is due, if there is one.
  func add(_ request: Request) -> [Request] {
    state.withLock { state in
      state.waiting.append(request)
      return takeIfDue(&state)
    }
  }

  /// An operation begins.
  func begin() {
    state.withLock { $0.underWay += 1 }
  }

  /// An operation has come back. The batch that is due now, if there is one.
  func end() -> [Request] {
    state.withLock { state in
      state.underWay -= 1
      return takeIfDue(&state)
    }
  }

  private func takeIfDue(_ state: inout State) -> [Request] {
    let count = state.waiting.count
    if count == 0 || count < largest && 2 * count < state.underWay { return [] }
    defer { state.waiting = [] }
    state.underWay += count
    return state.waiting
  }
}
