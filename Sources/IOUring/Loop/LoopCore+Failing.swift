import Glibc
import SystemPackage

// A loop that cannot enter its ring any more is not shut down by that: its tasks run on its thread as before, so that
// they learn of the failure, and every operation is refused. What the kernel may still write into is never freed.
extension LoopCore {
  /// How long the thread sleeps at most once the ring has failed: the read that is armed on the wake-up descriptor may
  /// still take what was to end the sleep.
  private static let longestSleep: Int32 = 10

  /// Why nothing can be begun.
  var refusal: NotBegun? {
    if let failure = loop.failure { return .ringFailed(failure) }
    return isStopping ? .shutDown : nil
  }

  /// Pauses, after which the call may be repeated; or gives the ring up, after too many failures in succession or for
  /// what no repetition mends.
  func note(_ error: Errno) {
    if loop.failure == nil, !retries.pause(after: error) { fail(error) }
  }

  /// Ends everything in flight with `error`, and all that waits for a place.
  private func fail(_ error: Errno) {
    loop.noteFailure(error)
    ring.abandon()
    // What has completed has its own result.
    deliver()
    for id in ring.operationsInFlight {
      let completion = Ring.Completion(id: id, result: -error.rawValue, buffer: nil)
      if let waiter = waiting[Int(id.index)].take() {
        waiter.continuation.resume(returning: completion)
      } else {
        arrived[id] = completion
      }
    }
    backlog.refuseAll(.ringFailed(error))
    inbox.cancelAll()
    // So that reading the descriptor never blocks, whatever the armed read does.
    let flags = fcntl(loop.wakeUpDescriptor.rawValue, F_GETFL)
    _ = fcntl(loop.wakeUpDescriptor.rawValue, F_SETFL, flags | O_NONBLOCK)
  }

  /// Sleeps until the loop is woken, without the ring.
  func sleepWithoutRing() {
    var descriptor = pollfd(fd: loop.wakeUpDescriptor.rawValue, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Self.longestSleep) == 1 else { return }
    var counter: UInt64 = 0
    _ = withUnsafeMutableBytes(of: &counter) { try? loop.wakeUpDescriptor.read(into: $0) }
  }

  // MARK: Trying

  /// Has the ring do what it is made for, once: an enter, and the read by which the loop is woken, which finds
  /// something to read. A filter may allow io_uring_setup(2) and refuse the rest; a kernel may lack the operation.
  func tryOut() throws(RingRefusal) {
    loop.wake()
    armWakeUp()
    var result: Int32?
    while result == nil {
      do throws(Errno) {
        try ring.submit(waitingFor: 1)
        ring.takeCompletions { result = $0.result }
        if result == nil { throw .resourceTemporarilyUnavailable }
      } catch {
        if retries.pause(after: error) { continue }
        ring.abandon()
        throw RingRefusal(error, of: .enter)
      }
    }
    if let result, result < 0 { throw RingRefusal(Errno(rawValue: -result), of: .read) }
    retries.succeed()
    wakeUp = nil
    armWakeUp()
  }
}
