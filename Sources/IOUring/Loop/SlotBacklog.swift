/// Tasks of a loop that wait for slots, first come first served: one that wants three is not overtaken by those that
/// want one.
///
/// A plain value of the loop's thread. A task waits in it once, so it is as bounded as the tasks are.
struct SlotBacklog {
  /// With nil when there are slots.
  typealias Continuation = UnsafeContinuation<NotBegun?, Never>

  private var waiters = TicketQueue<(count: Int, continuation: Continuation)>()
  /// Slots that are free but promised to tasks that have been resumed and have not had their turn yet.
  private(set) var promised = 0

  var isEmpty: Bool { waiters.isEmpty }

  mutating func append(_ continuation: Continuation, ticket: UInt64, count: Int) {
    waiters.append((count, continuation), ticket: ticket)
  }

  /// Promises slots to the tasks that wait longest, as far as there are any, and resumes them.
  mutating func serve(free: Int) {
    while let first = waiters.first, promised + first.count <= free {
      promised += first.count
      waiters.popFirst()?.continuation.resume(returning: nil)
    }
  }

  /// A task that was promised slots has had its turn.
  mutating func redeem(_ count: Int) {
    promised -= count
  }

  /// Ends the wait of a cancelled task, if it has no promise yet.
  mutating func cancel(_ ticket: UInt64) {
    waiters.remove(ticket)?.continuation.resume(returning: .cancelled)
  }

  /// Ends all waits, since no slot comes free any more.
  mutating func refuseAll(_ reason: NotBegun) {
    while let waiter = waiters.popFirst() { waiter.continuation.resume(returning: reason) }
  }
}
