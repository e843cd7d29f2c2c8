import DequeModule

/// A queue whose waiters are served in the order in which they came, and which any waiter can leave: all in constant
/// time, amortized.
///
/// A waiter that leaves is removed from a dictionary; its ID stays in the queue as a tombstone. No tombstone is the
/// first in the queue, and there are at most as many as waiters, and ``sparedTombstones`` more.
@usableFromInline
struct CancellableFIFO<ID: Hashable, Waiter> {
  /// A guess: for so few the queue is not worth rebuilding.
  @inlinable static var sparedTombstones: Int { 16 }

  @usableFromInline var order = Deque<ID>()
  @usableFromInline var waiters: [ID: Waiter] = [:]

  @inlinable
  init() {}

  @inlinable var isEmpty: Bool { waiters.isEmpty }

  /// The waiter that came first.
  @inlinable var first: Waiter? { order.first.flatMap { waiters[$0] } }

  /// - Parameter id: of no waiter that has been in the queue before.
  @inlinable
  mutating func append(_ waiter: Waiter, id: ID) {
    order.append(id)
    waiters[id] = waiter
  }

  @inlinable
  mutating func removeFirst() {
    waiters[order.removeFirst()] = nil
    dropTombstones()
  }

  /// Nil if the waiter is not in the queue, or not any more.
  @inlinable
  mutating func remove(_ id: ID) -> Waiter? {
    guard let waiter = waiters.removeValue(forKey: id) else { return nil }
    if order.count > 2 * waiters.count + Self.sparedTombstones {
      order.removeAll { waiters[$0] == nil }
    } else {
      dropTombstones()
    }
    return waiter
  }

  @inlinable
  mutating func dropTombstones() {
    while let id = order.first, waiters[id] == nil { order.removeFirst() }
  }
}
