import Glibc

// A chain is cancelled as a whole. The kernel finds only the operation that it is performing: cancelling that one ends
// those linked behind it, except where the link holds whatever the result (`IOSQE_IO_HARDLINK`). The next operation is
// then cancelled as soon as the one before it has completed. Each step costs the same, however much is in flight.
extension SlotTable {
  /// An operation whose predecessor has completed begins when the kernel gets to it, after 20 and more others in each
  /// io_uring_enter(2); a cancel request that comes earlier misses it. So many attempts are enough for a thousand
  /// operations. An operation that is missed even then cannot be cancelled: the disk is performing it.
  private static let mostCancelAttempts = 64

  /// Whether the operation or chain is in flight, and its cancellation could be requested and has not been.
  func isCancellable(_ id: OperationID) -> Bool {
    contains(id) && !slots[Int(id.index)].cancelRequested && cancellablePosition(id) != nil
  }

  /// Notes that an operation or chain is to be cancelled.
  ///
  /// - Returns: the `user_data` of the operation for which a cancel request is to be sent now, if any.
  mutating func requestCancel(_ id: OperationID) -> UInt64? {
    guard contains(id) else { return nil }
    slots[Int(id.index)].cancelRequested = true
    return userDataToCancel(id)
  }

  /// The `user_data` for a cancel request; nil if none can be sent for the time being.
  private func userDataToCancel(_ id: OperationID) -> UInt64? {
    if slots[Int(id.index)].isCancelling { return nil }
    return cancellablePosition(id).map { id.userData(at: $0) }
  }

  /// The position of the operation that can be cancelled now, in its chain.
  private func cancellablePosition(_ id: OperationID) -> Int? {
    let index = Int(id.index)
    if let chain = slots[index].chain {
      return chain.current.flatMap { chain.entries[$0].isCancellable ? $0 : nil }
    }
    return slots[index].isCancellable && slots[index].result == nil ? 0 : nil
  }

  mutating func noteCancelSent(_ id: OperationID) {
    slots[Int(id.index)].isCancelling = true
  }

  mutating func deferCancel(_ id: OperationID) {
    if slots[Int(id.index)].cancelDeferred { return }
    slots[Int(id.index)].cancelDeferred = true
    deferredCancellations.append(id)
  }

  /// An operation of the chain has completed: if the chain is being cancelled, the next operation's turn has come.
  mutating func cancelNextOperation(of id: OperationID) {
    let index = Int(id.index)
    guard slots[index].cancelRequested else { return }
    slots[index].cancelAttempts = 0
    if userDataToCancel(id) != nil { deferCancel(id) }
  }

  /// The result of a cancel request (found, not found, too late) does not matter by itself: the operation's own
  /// completion tells how it ended. But a follower that was not found because it is about to begin is asked for again,
  /// and so is an operation that began while the request was with the kernel.
  mutating func noteCancelResult(_ result: Int32, of id: OperationID, at position: Int) {
    let index = Int(id.index)
    slots[index].isCancelling = false
    guard let chain = slots[index].chain, let current = chain.current else { return }
    if current == position {
      guard result == -ENOENT, position > 0, slots[index].cancelAttempts < Self.mostCancelAttempts else { return }
      slots[index].cancelAttempts += 1
    }
    if userDataToCancel(id) != nil { deferCancel(id) }
  }

  /// Whether a cancel request could be sent now.
  var hasDueCancellations: Bool { !deferredCancellations.isEmpty }

  /// Takes the deferred cancel requests: what is to be cancelled, and the `user_data` of the operation.
  mutating func takeDueCancellations() -> [(id: OperationID, userData: UInt64)] {
    if deferredCancellations.isEmpty { return [] }
    let deferred = deferredCancellations
    deferredCancellations = []
    examinedCancellations += deferred.count
    var due: [(id: OperationID, userData: UInt64)] = []
    for id in deferred where contains(id) {
      slots[Int(id.index)].cancelDeferred = false
      if let userData = userDataToCancel(id) { due.append((id, userData)) }
    }
    return due
  }
}
