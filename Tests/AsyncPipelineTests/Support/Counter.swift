import Synchronization

/// A number that tasks increment and decrement, and its highest value.
final class Counter: Sendable {
  private let state = Mutex((value: 0, highest: 0))

  var value: Int { state.withLock { $0.value } }
  var highest: Int { state.withLock { $0.highest } }

  /// - Returns: the new value.
  @discardableResult
  func add(_ difference: Int = 1) -> Int {
    state.withLock { state in
      state.value += difference
      state.highest = max(state.highest, state.value)
      return state.value
    }
  }
}

/// The entries of several tasks, in the order in which they were appended.
final class Log<Entry: Sendable>: Sendable {
  private let list = Mutex<[Entry]>([])

  var entries: [Entry] { list.withLock { $0 } }
  var count: Int { list.withLock { $0.count } }

  func append(_ entry: Entry) {
    list.withLock { $0.append(entry) }
  }

  func append(contentsOf entries: [Entry]) {
    list.withLock { $0 += entries }
  }
}
