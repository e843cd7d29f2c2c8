import DequeModule
import LinuxSystem
import Synchronization

/// Messages that a loop has received, and the tasks that wait for one, served in the order of their arrival.
///
/// A plain value of the loop's thread.
struct MessageInbox {
  typealias Continuation = UnsafeContinuation<UInt64?, Never>

  /// How many messages may wait here; a sender that claims ``MessageCredits`` never meets this limit.
  private let limit: Int
  private var messages = Deque<UInt64>()
  private var waiters = CancellableFIFO<Continuation>()

  init(limit: Int) {
    self.limit = limit
  }

  var hasWaiters: Bool { !waiters.isEmpty }

  /// False if there is no room.
  mutating func deliver(_ message: UInt64) -> Bool {
    if let waiter = waiters.popFirst() {
      waiter.resume(returning: message)
    } else if messages.count < limit {
      messages.append(message)
    } else {
      return false
    }
    return true
  }

  mutating func next() -> UInt64? { messages.popFirst() }

  mutating func reserve() -> WaiterID { waiters.reserve() }

  mutating func release(_ id: WaiterID) { waiters.release(id) }

  mutating func append(_ continuation: Continuation, as id: WaiterID) {
    waiters.append(continuation, as: id)
  }

  /// Ends the wait of a cancelled task, with nil.
  mutating func cancel(_ id: WaiterID) {
    waiters.remove(id)?.resume(returning: nil)
  }

  /// Ends all waits, with nil.
  mutating func cancelAll() {
    while let waiter = waiters.popFirst() { waiter.resume(returning: nil) }
  }
}

/// Credit-based flow control for the messages to a loop: each message that is under way to it or waits there holds a
/// credit. The kernel would take any number of messages; the completion queue has room for so many beside the
/// completions of operations.
final class MessageCredits: Sendable {
  /// The fewest and the most that a loop has. A guess: messages are signals, not a stream of data.
  static let fewest = 64
  static let most = 1024

  private let capacity = Atomic<Int>(0)
  private let claimed = Atomic<Int>(0)

  /// How many credits there are. Set once the ring has been made.
  var limit: Int {
    get { capacity.load(ordering: .relaxed) }
    set { capacity.store(newValue, ordering: .relaxed) }
  }

  /// False if all are claimed.
  func claim() -> Bool {
    if claimed.add(1, ordering: .relaxed).newValue <= limit { return true }
    release()
    return false
  }

  func release() {
    // A message that was sent without a credit (``RingOperation/message(_:to:)``) returns none.
    if claimed.subtract(1, ordering: .relaxed).newValue < 0 { claimed.add(1, ordering: .relaxed) }
  }
}
