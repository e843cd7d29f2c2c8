import DequeModule

/// Those who wait, in the order in which they came; one who gives up leaves from the middle. Each has a ticket, and the
/// tickets rise.
///
/// Leaving costs a search by halves, not a look at everyone: a hundred thousand tasks may be cancelled at once, the
/// last first.
struct TicketQueue<Waiter> {
  private var entries = Deque<(ticket: UInt64, waiter: Waiter?)>()
  /// How many have left and still have an entry. Never more than half of the entries, but for a few.
  private var gaps = 0
  private static var fewGaps: Int { 16 }

  /// How many wait.
  var count: Int { entries.count - gaps }
  var isEmpty: Bool { count == 0 }

  /// How many have an entry, those who have left included.
  var entryCount: Int { entries.count }

  /// Who waits longest.
  var first: Waiter? { entries.first?.waiter }

  /// - Parameter ticket: greater than all before it.
  mutating func append(_ waiter: Waiter, ticket: UInt64) {
    entries.append((ticket, waiter))
  }

  mutating func popFirst() -> Waiter? {
    let first = entries.popFirst()?.waiter
    dropGapsInFront()
    return first
  }

  /// Takes out the one with this ticket, if it waits here.
  mutating func remove(_ ticket: UInt64) -> Waiter? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].ticket < ticket { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].ticket == ticket, let waiter = entries[low].waiter else { return nil }
    entries[low].waiter = nil
    gaps += 1
    dropGapsInFront()
    if gaps > Self.fewGaps, gaps > entries.count / 2 {
      entries.removeAll { $0.waiter == nil }
      gaps = 0
    }
    return waiter
  }

  /// So that the first entry, if there is one, is somebody's.
  private mutating func dropGapsInFront() {
    while let first = entries.first, first.waiter == nil {
      entries.removeFirst()
      gaps -= 1
    }
  }
}
