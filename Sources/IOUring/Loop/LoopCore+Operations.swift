import Glibc
import SystemPackage

// Steps of the calls in RingLoop+Performing.swift, each of which is made on the loop's thread in one go.
extension LoopCore {
  /// Whoever starts operations without waiting for them keeps the loop from submitting them: after so many it is done
  /// anyway.
  private static let startsPerEnter = 4

  // MARK: Slots

  /// The longest chain. One slot is the wake-up's.
  var longestChain: Int { min(ring.capacity - 1, ring.submissionCapacity) }

  /// Whether so many slots cannot be had at once: there are too few, or others have waited longer. A ring that has
  /// failed has none to wait for.
  func mustWait(forSlots count: Int) -> Bool {
    if loop.failure != nil { return false }
    return !backlog.isEmpty || backlog.promised + count > freeSlots
  }

  /// A task that waited for slots has been promised them and has its turn.
  func redeemSlots(_ count: Int) {
    backlog.redeem(count)
  }

  /// Slots that were not used in the end are others'.
  func serveBacklog() {
    backlog.serve(free: freeSlots)
  }

  // MARK: Beginning

  /// Begins an operation, and resumes `continuation` with its completion. False if it is to be begun in the other way,
  /// which may wait: there is no slot, or others wait for one and are to come first, or nothing is begun any more.
  func begin(_ entry: SubmissionEntry, _ ticket: UInt64, _ continuation: Waiter.Continuation) -> Bool {
    if refusal != nil || mustWait(forSlots: 1) { return false }
    guard let id = push(entry) else { return false }
    waiting[Int(id.index)] = Waiter(ticket: ticket, continuation: continuation)
    // A cancellation before this has found nobody.
    if Task.isCancelled { cancel(id) }
    return true
  }

  /// Begins an operation without waiting for it, for a caller that may begin several.
  func start(_ entry: SubmissionEntry) -> OperationID? {
    if refusal != nil || mustWait(forSlots: 1) { return nil }
    let id = push(entry)
    if ring.unsubmitted >= Self.startsPerEnter { flush() }
    return id
  }

  /// Nil if the kernel is short of room for the moment, or the ring has failed.
  func push(_ entry: SubmissionEntry) -> OperationID? {
    if loop.failure != nil { return nil }
    do throws(Errno) {
      let id = try ring.push(entry)
      if id != nil { loop.counters.countOperations(1) }
      return id
    } catch {
      note(error)
      return nil
    }
  }

  func push(_ chain: OperationChain) -> [OperationID]? {
    if loop.failure != nil { return nil }
    do throws(Errno) {
      let ids = try ring.push(chain)
      loop.counters.countOperations(UInt64(ids?.count ?? 0))
      return ids
    } catch {
      note(error)
      return nil
    }
  }

  /// Pushes an operation and the timer that cancels it.
  func pushTimed(_ timed: OperationChain) -> (id: OperationID, timer: OperationID)? {
    guard let ids = push(timed) else { return nil }
    deadlines.set(ids[1], for: ids[0])
    return (ids[0], ids[1])
  }

  // MARK: Ending

  /// Resumes `continuation` when an operation that was begun has completed.
  func wait(for id: OperationID, _ continuation: Waiter.Continuation) {
    if let completion = takeArrived(id) {
      continuation.resume(returning: completion)
    } else {
      waiting[Int(id.index)] = Waiter(ticket: 0, continuation: continuation)
    }
  }

  /// The completion of an operation that was started, if it has arrived.
  func takeArrived(_ id: OperationID) -> Ring.Completion? {
    if let completion = arrived.removeValue(forKey: id) { return completion }
    deliver()
    return arrived.removeValue(forKey: id)
  }

  /// Ends the wait of a cancelled task, whatever it is for. Others may have waited for the slots that it does not get.
  func cancelWaiter(_ ticket: UInt64) {
    if let index = waiting.firstIndex(where: { $0?.ticket == ticket }) {
      if let id = ring.operation(inSlot: index) { cancel(id) }
      return
    }
    backlog.cancel(ticket)
    serveBacklog()
    inbox.cancel(ticket)
  }

  func cancel(_ id: OperationID) {
    if loop.failure != nil { return }
    // Where there is no room the ring cancels it when completions have been taken.
    do throws(Errno) { try ring.cancel(id) } catch { note(error) }
  }

  // MARK: Deadlines

  /// The operation has completed. Whether that was because its time was up.
  func endDeadline(_ timer: OperationID, of id: OperationID) -> Bool {
    cancel(timer)
    return deadlines.end(id)
  }

  /// Cancels the operations whose time is up.
  func cancelOverdue() {
    while let id = deadlines.nextOverdue() {
      // If it is being cancelled already, that came first.
      if ring.canCancel(id) {
        deadlines.expire(id)
        cancel(id)
      }
    }
  }
}
