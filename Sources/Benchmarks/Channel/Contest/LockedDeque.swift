import DequeModule
import Synchronization

extension Contestant {
  /// The least that two tasks with a lock between them can do: a task that finds the queue full, or empty, yields and
  /// tries again.
  static func lockedDeque(capacity: Int) -> Contestant {
    Contestant(name: "Deque and Mutex, \(capacity)") {
      let queue = LockedDeque(capacity: capacity)
      return Ends(
        produce: { count in
          for number in 0..<count {
            while !queue.append(number) { await Task.yield() }
          }
        },
        finish: { queue.finish() },
        consume: {
          var sum = 0
          while true {
            switch queue.popFirst() {
            case .number(let number): sum += number
            case .nothing: await Task.yield()
            case .end: return sum
            }
          }
        })
    }
  }
}

private final class LockedDeque: Sendable {
  enum Answer {
    case number(Int)
    case nothing, end
  }

  private let capacity: Int
  private let state = Mutex((numbers: Deque<Int>(), isFinished: false))

  init(capacity: Int) {
    self.capacity = capacity
  }

  func append(_ number: Int) -> Bool {
    state.withLock { state in
      if state.numbers.count >= capacity { return false }
      state.numbers.append(number)
      return true
    }
  }

  func popFirst() -> Answer {
    state.withLock { state in
      if let number = state.numbers.popFirst() { return .number(number) }
      return state.isFinished ? .end : .nothing
    }
  }

  func finish() {
    state.withLock { $0.isFinished = true }
  }
}
