import CUring
import Glibc
import SystemPackage

// Entering the kernel: to submit, to wait, to make room, and to close.
extension Ring {
  /// How long a polling thread may take before it takes entries off a full queue. A guess: the thread may share its
  /// processor.
  private static let pollingPatience = Duration.seconds(1)

  /// Submits what was pushed and waits until at least `completions` can be taken.
  ///
  /// - Throws: `EINTR`, `EAGAIN`, `EBUSY` and `ENOMEM`, after which the call can be repeated; `EBADR` if the kernel has
  ///   dropped completions, so that operations in flight never end; what else io_uring_enter(2) names.
  @discardableResult
  public mutating func submit(waitingFor completions: Int = 0) throws(Errno) -> Int {
    try entered(curing_submit(handle, UInt32(completions)))
  }

  /// Submits what was pushed and has the kernel post the completions that it holds back, without waiting. Throws what
  /// ``submit(waitingFor:)`` throws.
  public mutating func submitAndFlush() throws(Errno) {
    _ = try entered(curing_submit_and_flush(handle))
  }

  private mutating func entered(_ result: Int32) throws(Errno) -> Int {
    do throws(Errno) {
      let taken = try Self.check(result)
      // The kernel takes at least one entry or answers an errno. A system call filter may answer anything.
      if taken == 0 && unsubmitted > 0 { throw .resourceTemporarilyUnavailable }
      return taken
    } catch {
      if error == .lostCompletions { abandon() }
      throw error
    }
  }

  /// Counts operations in flight as lost from now on. Their memory is the kernel's for ever.
  mutating func abandon() {
    isAbandoned = true
  }

  // MARK: Room

  /// Submits until the queue has room for `count` entries.
  mutating func makeRoom(for count: Int = 1) throws(Errno) {
    if submissionCapacity - unsubmitted >= count { return }
    try submit()
    while submissionCapacity - unsubmitted < count {
      // Each call takes entries or fails: entries that the kernel had no memory for are submitted again. With a polling
      // kernel thread that thread empties the queue, not the call.
      if setupFlags.contains(.submissionPolling) { try waitForPollingThread(toLeave: count) } else { try submit() }
    }
  }

  /// Waits until the polling thread has taken so many entries off the queue that there is room for `count`. The kernel
  /// notifies of the first one only.
  private func waitForPollingThread(toLeave count: Int) throws(Errno) {
    let start = ContinuousClock.now
    while submissionCapacity - unsubmitted < count {
      _ = try Self.check(curing_wait_for_room(handle))
      sched_yield()
      if ContinuousClock.now - start > Self.pollingPatience { throw .resourceTemporarilyUnavailable }
    }
  }

  // MARK: Closing

  /// Drops what has not been submitted, cancels what is in flight, one by one since every kernel can do that, and waits
  /// until it has completed, so that the memory can be freed. False if the kernel cannot be entered, as on another
  /// thread than the one that made the ring.
  static func drain(_ handle: OpaquePointer, _ slots: inout SlotTable) -> Bool {
    curing_discard(handle)
    for id in slots.identifiers {
      if let userData = slots.requestCancel(id) { pushCancelRequest(for: id, userData, handle, &slots) }
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
