import Glibc
import SystemPackage

// A loop that cannot enter its ring any more is not shut down: its tasks run on its thread as before, so that they
// learn of the failure, and every operation is refused. Memory that the kernel may still write into is never freed.
extension LoopCore {
  /// The longest sleep of the thread once the ring has failed, in milliseconds: the armed read may still consume the
  /// wake-up.
  private static let longestSleep: Int32 = 10

  /// Why nothing is begun any more.
  var refusal: Begin.Refusal? {
    if let failure = loop.failure { return .ringFailed(failure) }
    return isStopping ? .shutDown : nil
  }

  /// After a transient error, pauses before the call may be repeated. After too many of them in succession, or another
  /// error, gives the ring up.
  func note(_ error: Errno) {
    if loop.failure == nil, !retries.pause(after: error) { fail(error) }
  }

  /// Ends everything in flight with `error`, and every wait for slots or messages.
  private func fail(_ error: Errno) {
    loop.noteFailure(error)
    ring.abandon()
    // What has completed has its own result.
    deliver()
    for completion in ring.slots.completions(failingWith: error) {
      if let waiter = waiting[Int(completion.id.index)].take() {
        waiter.resume(returning: completion)
      } else {
        arrived[completion.id] = completion
      }
    }
    backlog.refuseAll(.ringFailed(error))
    inbox.cancelAll()
    // From now on the thread reads the descriptor itself, and must not block in that.
    let flags = fcntl(loop.wakeUpDescriptor.rawValue, F_GETFL)
    _ = fcntl(loop.wakeUpDescriptor.rawValue, F_SETFL, flags | O_NONBLOCK)
  }

  /// Sleeps by poll(2) until the loop is woken.
  func sleepWithoutRing() {
    var descriptor = pollfd(fd: loop.wakeUpDescriptor.rawValue, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Self.longestSleep) == 1 else { return }
    var counter: UInt64 = 0
    _ = withUnsafeMutableBytes(of: &counter) { try? loop.wakeUpDescriptor.read(into: $0) }
  }

  // MARK: Trying

  /// Performs one operation: an enter, and the read by which the loop is woken, which has something to read. A filter
  /// may allow io_uring_setup(2) and refuse the rest, and a kernel may lack the operation.
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
