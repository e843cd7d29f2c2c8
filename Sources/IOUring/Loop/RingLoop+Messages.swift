import Glibc
import SystemPackage

// Messages from ring to ring: the kernel posts them on the other loop's completion queue, which wakes that loop if it sleeps.
// No descriptor, no system call and no queue of this program's is between the two.
extension RingLoop {
  /// How many messages may be on their way to this loop or wait there: its completion queue has places for them beside those
  /// of the operations. Between 64 and 1,024.
  public var messageCapacity: Int { messagePlaces.count }

  /// Sends a message to another loop, which gets it by ``nextMessage()``. Returns when the kernel has taken it; what nobody
  /// has asked for when the other loop shuts down is lost.
  ///
  /// Cancelling the task has the effect that ``perform(_:)-(SubmissionEntry)`` describes; the message has then been sent or
  /// not.
  ///
  /// - Throws: `ENOBUFS` if the other loop has ``messageCapacity`` already; `ESHUTDOWN` if a loop is shut down; `EINVAL` where
  ///   the kernel has no such operation (it came with Linux 5.18).
  public func send(_ message: UInt64, to other: RingLoop) async throws(Errno) {
    if other.address.descriptor == nil { throw .socketShutdown }
    guard other.messagePlaces.claim() else { throw .noBufferSpace }
    let result = await withTaskExecutorPreference(self) { await sendOnLoop(message, to: other) }
    if result < 0 {
      other.messagePlaces.release()
      throw Errno(rawValue: -result)
    }
  }

  @concurrent private func sendOnLoop(_ message: UInt64, to other: RingLoop) async -> Int32 {
    while true {
      if let refusal = await waitForSlots(1) { return refusal }
      // Not before there is a slot: the other loop cannot end while its descriptor is used.
      guard let descriptor = other.address.use() else {
        core?.serveBacklog()
        return -ESHUTDOWN
      }
      let completion = await completeAtOnce(.message(message, to: descriptor))
      other.address.endUse()
      if let completion { return completion.result }
      await makeRoom()
    }
  }

  /// The next message that another loop has sent to this one, in the order of their arrival. Suspends while there is none.
  ///
  /// - Throws: `ECANCELED` if the task is cancelled or the loop shuts down; no message is lost by it.
  public func nextMessage() async throws(Errno) -> UInt64 {
    guard let message = await withTaskExecutorPreference(self, operation: { await nextMessageOnLoop() }) else {
      throw .canceled
    }
    messagePlaces.release()
    return message
  }

  @concurrent private func nextMessageOnLoop() async -> UInt64? {
    guard let ticket = core?.newTicket() else { return nil }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        if let message = core!.inbox.next() {
          continuation.resume(returning: message)
        } else if Task.isCancelled || core!.isStopping {
          continuation.resume(returning: nil)
        } else {
          core!.inbox.append(continuation, ticket: ticket)
        }
      }
    } onCancel: {
      cancelWaiter(ticket)
    }
  }
}
