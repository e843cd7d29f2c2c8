import Glibc
import SystemPackage

// Messages from ring to ring: the kernel posts them on the other loop's completion queue, which wakes that loop if it
// sleeps. No descriptor, no system call and no queue of this program's is between the two.
extension RingLoop {
  /// How many messages may be on their way to this loop or wait there: its completion queue has places for them beside
  /// those of the operations. Between 64 and 1,024.
  public var messageCapacity: Int { messagePlaces.count }

  /// Sends a message to another loop, which gets it by ``nextMessage()``. Returns when the kernel has taken it; what
  /// nobody has asked for when the other loop shuts down is lost.
  ///
  /// Cancelling the task has the effect that ``perform(_:)-(SubmissionEntry)`` describes; the message has then been
  /// sent or not.
  ///
  /// - Throws: `ENOBUFS` if the other loop has ``messageCapacity`` already; `ESHUTDOWN` if a loop is shut down;
  ///   `EINVAL` where the kernel has no such operation (it came with Linux 5.18).
  public func send(_ message: UInt64, to other: RingLoop) async throws(Errno) {
    if other.address.descriptor == nil { throw .socketShutdown }
    guard other.messagePlaces.claim() else { throw .noBufferSpace }
    do throws(Errno) {
      _ = try Self.value(await withTaskExecutorPreference(self) { await sendOnLoop(message, to: other) })
    } catch {
      other.messagePlaces.release()
      throw error
    }
  }

  @concurrent private func sendOnLoop(_ message: UInt64, to other: RingLoop) async -> Result<Int32, NotBegun> {
    let begun = await begin(1) { core -> Result<OperationID, NotBegun>? in
      // Not before there is a slot: the other loop cannot end while its descriptor is used.
      guard let descriptor = other.address.use() else {
        core.serveBacklog()
        return .failure(.shutDown)
      }
      if let id = core.push(.message(message, to: descriptor)) { return .success(id) }
      other.address.endUse()
      return nil
    }
    switch begun.flatMap({ $0 }) {
    case .success(let id):
      let result = await completion(of: id).result
      other.address.endUse()
      return .success(result)
    case .failure(let reason):
      return .failure(reason)
    }
  }

  /// The next message that another loop has sent to this one, in the order of their arrival. Suspends while there is
  /// none.
  ///
  /// - Throws: `ECANCELED` if the task is cancelled or the loop shuts down, ``failure`` if the ring has failed; no
  ///   message is lost by it.
  public func nextMessage() async throws(Errno) -> UInt64 {
    guard let message = await withTaskExecutorPreference(self, operation: { await nextMessageOnLoop() }) else {
      throw failure ?? .canceled
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
        } else if Task.isCancelled || core!.refusal != nil {
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
