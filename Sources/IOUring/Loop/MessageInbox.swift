import DequeModule
import Synchronization

/// Messages that a loop has got from others, and the tasks that wait for one, first come first served.
///
/// A plain value of the loop's thread. It is bounded because a sender must have a place for its message first
/// (``MessagePlaces``).
struct MessageInbox {
  typealias Continuation = UnsafeContinuation<UInt64?, Never>

  private var messages = Deque<UInt64>()
  private var waiters = Deque<(ticket: UInt64, continuation: Continuation)>()

  var hasWaiters: Bool { !waiters.isEmpty }

  mutating func deliver(_ message: UInt64) {
    if let waiter = waiters.popFirst() {
      waiter.continuation.resume(returning: message)
    } else {
      messages.append(message)
    }
  }

  mutating func next() -> UInt64? { messages.popFirst() }

  mutating func append(_ continuation: Continuation, ticket: UInt64) {
    waiters.append((ticket, continuation))
  }

  /// Ends the wait of a cancelled task, with nil.
  mutating func cancel(_ ticket: UInt64) {
    guard let place = waiters.firstIndex(where: { $0.ticket == ticket }) else { return }
    waiters.remove(at: place).continuation.resume(returning: nil)
  }

  /// Ends all waits, with nil.
  mutating func cancelAll() {
    while let waiter = waiters.popFirst() { waiter.continuation.resume(returning: nil) }
  }
}

/// The places in a loop's inbox. The kernel would take any number of messages for it.
final class MessagePlaces: Sendable {
  /// A guess: messages are signals, not a stream of data.
  static let limit = 1024

  private let taken = Atomic<Int>(0)

  func claim() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= Self.limit { return true }
    release()
    return false
  }

  func release() {
    taken.subtract(1, ordering: .relaxed)
  }
}
