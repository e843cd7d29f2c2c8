import CUring
import Glibc
import SystemPackage

// Entering the kernel: to submit, to wait, to make room, and for the last time.
extension Ring {
  /// How long a polling thread may take to come to a full queue. A guess: it has a processor of its own, or shares it.
  private static let pollingPatience = Duration.seconds(1)

  /// Submits what was pushed and waits until at least `completions` can be taken.
  ///
  /// - Throws: `EINTR`, `EAGAIN`, `EBUSY` and `ENOMEM`, after which the call can be repeated; `EBADR` if the kernel has
  ///   dropped completions, so that operations in flight never end; what else io_uring_enter(2) names.
  @discardableResult
  public mutating func submit(waitingFor completions: Int = 0) throws(Errno) -> Int {
    try entered(curing_submit(handle, UInt32(completions)))
  }

  /// Submits what was pushed and has the kernel post the completions that it holds back, without waiting. It throws
  /// what ``submit(waitingFor:)`` does.
  public mutating func submitAndFlush() throws(Errno) {
    _ = try entered(curing_submit_and_flush(handle))
  }

  private mutating func entered(_ result: Int32) throws(Errno) -> Int {
    do throws(Errno) {
      let taken = try Self.check(result)
      // The kernel takes at least one entry or says why not. Something between it and the process may say anything.
      if taken == 0 && unsubmitted > 0 { throw .resourceTemporarilyUnavailable }
      return taken
    } catch {
      if error == .lostCompletions { abandon() }
      throw error
    }
  }

  /// From here on operations in flight count as lost. Their memory is the kernel's for ever.
  mutating func abandon() {
    isAbandoned = true
  }

  // MARK: Room

  /// Submits until the queue has room for so many entries.
  mutating func makeRoom(for count: Int = 1) throws(Errno) {
    if submissionCapacity - unsubmitted >= count { return }
    try submit()
    while submissionCapacity - unsubmitted < count {
      // What was not taken because the kernel was short of memory is offered again: each call takes something or fails.
      // With a polling kernel thread submitting does not empty the queue: that thread does.
      if setupFlags.contains(.submissionPolling) { try waitForPollingThread(toLeave: count) } else { try submit() }
    }
  }

  /// Waits until the polling thread has taken so many entries off the queue that there are `count` free places. The
  /// kernel tells of no more than one.
  private func waitForPollingThread(toLeave count: Int) throws(Errno) {
    let start = ContinuousClock.now
    while submissionCapacity - unsubmitted < count {
      _ = try Self.check(curing_wait_for_room(handle))
      sched_yield()
      if ContinuousClock.now - start > Self.pollingPatience { throw .resourceTemporarilyUnavailable }
    }
  }

  // MARK: Closing

  /// Drops what has not been submitted, cancels what is in flight, one by one as every kernel can, and waits until it
  /// is done, so that the memory can be freed. False if the kernel refuses to be entered, as it does on another thread
  /// than the one that made the ring.
  static func drain(_ handle: OpaquePointer, _ slots: inout SlotTable) -> Bool {
    curing_discard(handle)
    for id in slots.identifiers where slots.want(cancelled: id) && !pushCancelRequest(for: id, handle, &slots) {
      slots.postponeCancellation(id)
    }
    var retries = EnterRetries()
    while slots.used > 0 {
      let mayWait = retries.failures == 0 && !slots.hasDueCancellations
      let result = mayWait ? curing_submit(handle, 1) : curing_submit_and_flush(handle)
      if result >= 0 {
        retries.succeed()
      } else if !retries.pause(after: Errno(rawValue: -result)) {
        return false
      }
      _ = takeCompletions(handle, &slots, { _ in }, { _ in })
    }
    return true
  }
}
