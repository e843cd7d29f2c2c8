import Glibc
import SystemPackage

// The steps of RingLoop+Performing.swift. Each runs on the loop's thread without a suspension.
extension LoopCore {
  /// A task that starts operations without waiting for them keeps the loop from submitting them: after so many the loop
  /// enters the kernel at once.
  private static let startsPerEnter = 4

  // MARK: Slots

  /// The most operations of a chain. One slot is the wake-up's.
  var longestChain: Int { min(ring.capacity - 1, ring.longestChain) }

  /// Whether a task must wait for `count` slots: there are too few, or other tasks have waited longer. A ring that has
  /// failed has no slots to wait for.
  func mustWait(forSlots count: Int) -> Bool {
    if loop.failure != nil { return false }
    return !backlog.isEmpty || backlog.promised + count > freeSlots
  }

  /// A task that waited for slots has been promised them and runs.
  func redeemSlots(_ count: Int) {
    backlog.redeem(count)
  }

  /// Offers the free slots to the tasks that wait.
  func serveBacklog() {
    backlog.serve(free: freeSlots)
  }

  // MARK: Beginning

  /// Begins an operation, unless other tasks wait for slots.
  func begin(_ entry: SubmissionEntry) -> Begin {
    if let refusal { return .refused(refusal) }
    return mustWait(forSlots: 1) ? .noRoom : push(entry)
  }

  /// The same for a caller that begins several and waits for none of them.
  func start(_ entry: SubmissionEntry) -> OperationID? {
    guard case .begun(let id) = begin(entry) else { return nil }
    if ring.unsubmitted >= Self.startsPerEnter { flush() }
    return id
  }

  func push(_ entry: SubmissionEntry) -> Begin {
    push(1) { ring throws(Errno) in try ring.push(entry) }
  }

  func push(_ chain: OperationChain) -> Begin {
    push(chain.entries.count) { ring throws(Errno) in try ring.push(chain) }
  }

  /// Pushes an operation and the timer that measures its deadline.
  func push(_ entry: SubmissionEntry, within timeout: Duration) -> Begin {
    var timer: OperationID?
    let begin = push(2) { ring throws(Errno) in
      let ids = try ring.push(entry, with: RingOperation.timeout(timeout).entry)
      timer = ids?.second
      return ids?.first
    }
    if case .begun(let id) = begin, let timer { deadlines.set(timer, for: id) }
    return begin
  }

  /// - Parameter push: answers nil if the ring has no room.
  private func push(_ count: Int, _ push: (inout Ring) throws(Errno) -> OperationID?) -> Begin {
    if let failure = loop.failure { return .refused(.ringFailed(failure)) }
    do throws(Errno) {
      guard let id = try push(&ring) else { return .noRoom }
      loop.counters.countOperations(UInt64(count))
      return .begun(id)
    } catch {
      note(error)
      return .noRoom
    }
  }

  // MARK: Waiting

  /// Resumes `continuation` when an operation or chain that was begun has completed.
  func wait(for id: OperationID, _ continuation: Continuation) {
    if !arrived.isEmpty, let completion = arrived.removeValue(forKey: id) {
      continuation.resume(returning: completion)
    } else {
      waiting[Int(id.index)] = continuation
    }
  }

  /// The completion of an operation that was started, if it has arrived.
  func takeArrived(_ id: OperationID) -> Ring.Completion? {
    if let completion = arrived.removeValue(forKey: id) { return completion }
    deliver()
    return arrived.removeValue(forKey: id)
  }

  // MARK: Cancelling

  /// Carries out what a cancelled task has asked for.
  func cancel(_ cancellation: CrossThreadQueue.Cancellation) {
    switch cancellation {
    case .operation(let id):
      cancel(id)
    case .slots(let id):
      backlog.cancel(id)
      // Tasks behind it may have waited for the slots that it does not get.
      serveBacklog()
    case .message(let id):
      inbox.cancel(id)
    }
  }

  func cancel(_ id: OperationID) {
    if loop.failure != nil { return }
    // If there is no room, the ring cancels it when completions have been taken.
    do throws(Errno) { try ring.cancel(id) } catch { note(error) }
  }

  // MARK: Deadlines

  /// The operation has completed. Whether it was cancelled because its time was up.
  func endDeadline(of id: OperationID) -> Bool {
    let (timer, isExpired) = deadlines.end(id)
    if let timer { cancel(timer) }
    return isExpired
  }

  /// Cancels the operations whose time is up.
  func cancelOverdue() {
    while let id = deadlines.nextOverdue() {
      // If its cancellation has been requested already, that came first.
      if ring.isCancellable(id) {
        deadlines.expire(id)
        cancel(id)
      }
    }
  }
}
