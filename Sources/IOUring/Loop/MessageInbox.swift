import DequeModule
import Synchronization

/// Messages that a loop has got from others, and the tasks that wait for one, first come first served.
///
/// A plain value of the loop's thread.
struct MessageInbox {
  typealias Continuation = UnsafeContinuation<UInt64?, Never>

  /// How many messages may wait here; a sender that keeps to ``MessagePlaces`` never meets this limit.
  private let limit: Int
  private var messages = Deque<UInt64>()
  private var waiters = TicketQueue<Continuation>()

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

  mutating func append(_ continuation: Continuation, ticket: UInt64) {
    waiters.append(continuation, ticket: ticket)
  }

  /// Ends the wait of a cancelled task, with nil.
  mutating func cancel(_ ticket: UInt64) {
    waiters.remove(ticket)?.resume(returning: nil)
  }

  /// Ends all waits, with nil.
  mutating func cancelAll() {
    while let waiter = waiters.popFirst() { waiter.resume(returning: nil) }
  }
}

/// The places for messages that are on their way to a loop or wait there. The kernel would take any number of them, and
/// the completion queue has room for so many beside the operations.
final class MessagePlaces: Sendable {
  /// The fewest and the most that a loop has. A guess: messages are signals, not a stream of data.
  static let fewest = 64
  static let most = 1024

  private let capacity = Atomic<Int>(0)
  private let taken = Atomic<Int>(0)

  /// How many there are, once the ring has been made.
  var count: Int {
    get { capacity.load(ordering: .relaxed) }
    set { capacity.store(newValue, ordering: .relaxed) }
  }

  func claim() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= count { return true }
    release()
    return false
  }

  func release() {
    // A message that came without a place (``SubmissionEntry/message(_:to:)``) gives none back.
    if taken.subtract(1, ordering: .relaxed).newValue < 0 { taken.add(1, ordering: .relaxed) }
  }
}
