import LinuxSystem

/// Tasks of a loop that wait for slots, served in the order of their arrival: a task that wants three slots is not
/// overtaken by tasks that want one.
///
/// A plain value of the loop's thread. A task waits here once at a time, so the queue is as bounded as the tasks are.
struct SlotBacklog {
  /// Resumed with nil when there are slots.
  typealias Continuation = UnsafeContinuation<Begin.Refusal?, Never>

  private var waiters = CancellableFIFO<(count: Int, continuation: Continuation)>()
  /// Slots that are free but promised to tasks that have been resumed and have not run yet.
  private(set) var promised = 0

  var isEmpty: Bool { waiters.isEmpty }

  mutating func reserve() -> WaiterID { waiters.reserve() }

  mutating func release(_ id: WaiterID) { waiters.release(id) }

  mutating func append(_ continuation: Continuation, as id: WaiterID, count: Int) {
    waiters.append((count, continuation), as: id)
  }

  /// Promises free slots to the tasks that have waited longest, and resumes them.
  mutating func serve(free: Int) {
    while let first = waiters.first, promised + first.count <= free {
      promised += first.count
      waiters.popFirst()?.continuation.resume(returning: nil)
    }
  }

  /// A task that was promised slots runs.
  mutating func redeem(_ count: Int) {
    promised -= count
  }

  /// Ends the wait of a cancelled task, unless it has been promised its slots.
  mutating func cancel(_ id: WaiterID) {
    waiters.remove(id)?.continuation.resume(returning: .cancelled)
  }

  /// Ends all waits, since no slot comes free any more.
  mutating func refuseAll(_ reason: Begin.Refusal) {
    while let waiter = waiters.popFirst() { waiter.continuation.resume(returning: reason) }
  }
}
