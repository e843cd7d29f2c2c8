import Glibc
import SystemPackage

// Messages from ring to ring: the kernel posts them on the other loop's completion queue, which wakes that loop if it
// sleeps. Between the two loops there is no descriptor, no system call and no queue of this program.
extension RingLoop {
  /// How many messages may be under way to this loop or wait there: the room that its completion queue has beside the
  /// operations. Between 64 and 1,024.
  public var messageCapacity: Int { messageCredits.limit }

  /// Sends a message to another loop, which receives it by ``nextMessage()``. Returns when the kernel has taken it.
  /// Messages that have not been received when the other loop shuts down are lost.
  ///
  /// Cancelling the task has the effect that ``perform(_:)-(RingOperation<Value>)`` describes; the message has then
  /// been sent or not.
  ///
  /// - Throws: `ENOBUFS` if the other loop has ``messageCapacity`` messages already; `ESHUTDOWN` if a loop is shut
  ///   down; `EINVAL` where the kernel has no such operation (it came with Linux 5.18).
  public func send(_ message: UInt64, to other: RingLoop) async throws(Errno) {
    if other.ringDescriptor.value == nil { throw .socketShutdown }
    guard other.messageCredits.claim() else { throw .noBufferSpace }
    let ending = await withTaskExecutorPreference(self) { await sendOnLoop(message, to: other) }
    do throws(Errno) {
      _ = try Errno.check(ending.result)
    } catch {
      other.messageCredits.release()
      throw error
    }
  }

  @concurrent private func sendOnLoop(_ message: UInt64, to other: RingLoop) async -> Ending<Int32> {
    let begin = await begin(1) { core in
      // Not acquired before there is a slot: the other loop cannot end while it is.
      guard let descriptor = other.ringDescriptor.acquire() else { return .refused(.shutDown) }
      let begin = core.push(RingOperation.message(message, to: descriptor).entry)
      if case .begun = begin { return begin }
      other.ringDescriptor.release()
      return begin
    }
    switch begin {
    case .completed(let id):
      let result = await completion(of: id).result
      other.ringDescriptor.release()
      return .completed(result)
    case .neverBegun(let reason):
      return .neverBegun(reason)
    }
  }

  /// The next message that another loop has sent to this one, in the order of their arrival. Suspends while there is
  /// none.
  ///
  /// - Throws: `ECANCELED` if the task is cancelled or the loop shuts down, ``failure`` if the ring has failed; neither
  ///   loses a message.
  public func nextMessage() async throws(Errno) -> UInt64 {
    guard let message = await withTaskExecutorPreference(self, operation: { await nextMessageOnLoop() }) else {
      throw failure ?? .canceled
    }
    messageCredits.release()
    return message
  }

  @concurrent private func nextMessageOnLoop() async -> UInt64? {
    guard let id = core?.inbox.reserve() else { return nil }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let core = core!
        if let message = core.inbox.next() {
          core.inbox.release(id)
          continuation.resume(returning: message)
        } else if Task.isCancelled || core.refusal != nil {
          core.inbox.release(id)
          continuation.resume(returning: nil)
        } else {
          core.inbox.append(continuation, as: id)
        }
      }
    } onCancel: {
      cancel(.message(id))
    }
  }
}
