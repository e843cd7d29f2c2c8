import SystemPackage

// Messages from ring to ring: the kernel posts them on the other loop's completion queue, which wakes that loop if it sleeps.
// No lock and no descriptor is between the two.
extension RingLoop {
  /// Sends a message to another loop, which gets it by ``nextMessage()``. Both loops must live until this returns.
  ///
  /// Cancelling the task has the effect that ``perform(_:)-(SubmissionEntry)`` describes.
  ///
  /// - Throws: `ENOBUFS` if 1,024 messages wait there already; `ESHUTDOWN` if a loop is shut down; `EINVAL` where the kernel has
  ///   no such operation (it came with Linux 5.18).
  public func send(_ message: UInt64, to other: RingLoop) async throws(Errno) {
    let descriptor = other.sharedWorkers
    if descriptor < 0 { throw .socketShutdown }
    guard other.messagePlaces.claim() else { throw .noBufferSpace }
    do throws(Errno) {
      try await perform(.message(message, to: descriptor))
    } catch {
      other.messagePlaces.release()
      throw error
    }
  }

  /// The next message that another loop has sent to this one, in the order of their arrival. Suspends while there is none.
  ///
  /// - Throws: `ECANCELED` if the task is cancelled or the loop shuts down; no message is lost by it.
  public func nextMessage() async throws(Errno) -> UInt64 {
    let message: UInt64? =
      if let core = ExecutorThread.core(of: self) {
        await core.nextMessage()
      } else {
        await withTaskExecutorPreference(self) { await nextMessageOnLoop() }
      }
    guard let message else { throw .canceled }
    messagePlaces.release()
    return message
  }

  @concurrent private func nextMessageOnLoop() async -> UInt64? {
    await ExecutorThread.core(of: self)?.nextMessage()
  }
}
