import Synchronization

/// Collects the opens that one loop's tasks ask for, until there are enough for a helper thread to be worth its
/// wake-up.
///
/// Neighbours in a batch are neighbours on the disk if the files were asked for in the order of their inodes: the first
/// waits for a block of the inode table, and the others find it there.
///
/// As soon as no more than twice as many operations are under way as requests wait, these go. So the batches shrink
/// when there is little to do, and the last request of all goes at once. What is under way may never come back (a read
/// of a dying disk): so somebody also looks from time to time (``look()``), and then what has waited for that long
/// goes.
final class OpenBatcher<Request: Sendable>: Sendable {
  private struct State {
    var waiting: [Request] = []
    /// Opens with the helpers and single reads with the ring: what looks here again when it comes back.
    var underWay = 0
    /// How often it has been looked whether the requests wait for too long, since the first of them came.
    var looks = 0
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
      if state.waiting.isEmpty { state.looks = 0 }
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

  /// The batch that has been waiting since the look before this one, if there is one.
  func look() -> (batch: [Request], isEmpty: Bool) {
    state.withLock { state in
      state.looks += 1
      let batch = state.looks > 1 ? take(&state) : []
      return (batch, state.waiting.isEmpty)
    }
  }

  private func takeIfDue(_ state: inout State) -> [Request] {
    let count = state.waiting.count
    return count < largest && 2 * count < state.underWay ? [] : take(&state)
  }

  private func take(_ state: inout State) -> [Request] {
    defer { (state.waiting, state.looks) = ([], 0) }
    state.underWay += state.waiting.count
    return state.waiting
  }
}
