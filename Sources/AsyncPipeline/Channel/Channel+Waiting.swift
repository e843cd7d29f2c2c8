import Synchronization

// The slow paths: calls that wait, or wake another task. The state machine is called with the lock held; continuations
// are resumed and elements weighed without it.

extension ThrowingChannel {
  // MARK: Weights

  /// At least 1, so that the budget bounds the number of elements too.
  @inlinable
  func weight(of element: Element) -> Int {
    guard let weigh else { return 1 }
    let weight = weigh(element)
    precondition(weight >= 0, "an element's weight is not negative")
    return Swift.max(1, weight)
  }

  /// Nil if each element weighs 1.
  @inlinable
  func weights(of elements: [Element]) -> [Int]? {
    weigh == nil ? nil : elements.map(weight(of:))
  }

  // MARK: Sending

  @inlinable
  @inline(never)
  func complete(_ action: consuming Machine.SendAction, weight: Int) async -> SendResult<Element> {
    switch consume action {
    case .sent: return .sent
    case .finished(let element): return .finished(element)
    case .deliver(let element, let consumer):
      consumer.resume(returning: .one(consume element))
      return .sent
    case .full: preconditionFailure("a producer that may wait gets a waiter ID")
    case .mustWait(let element, let id):
      switch await wait(id, PendingElements(consume element, weight: weight)) {
      case .sent: return .sent
      case .cancelled(let pending): return .cancelled(pending.single!)
      case .finished(let pending): return .finished(pending.single!)
      }
    }
  }

  /// Waits as a producer.
  ///
  /// A cancellation before the task is enqueued finds no waiter. It is not lost: the cancellation handler held the lock
  /// before the task does, so the task then sees that it is cancelled.
  @inlinable
  func wait(
    _ id: WaiterID, _ pending: consuming PendingElements<Element>
  ) async -> SendResult<PendingElements<Element>> {
    var pending: PendingElements<Element>? = consume pending
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        machine.withLock {
          let producer = Machine.Producer(pending: pending.take()!, continuation: continuation)
          return $0.enqueueWaiter(producer, id, isCancelled: Task.isCancelled)
        }.resume()
      }
    } onCancel: {
      machine.withLock { $0.cancelProducer(id) }.resume()
    }
  }

  // MARK: Receiving

  @inlinable
  @inline(never)
  func complete(_ action: Machine.ReceiveAction<Element>) async throws(Failure) -> Element? {
    switch action {
    case .received(let element, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return element
    case .finished, .empty: return nil
    case .failed(let failure): throw failure
    case .mustWait(let id):
      switch await wait(id, upTo: 1) {
      case .one(let element): return element
      case .many(let elements): return elements.first
      case .failed(let failure): throw failure
      case .nothing: return nil
      }
    }
  }

  /// As ``receive(upTo:)``, but takes at most 1/`parts` of what the channel holds, to leave elements to other
  /// consumers.
  @inlinable
  func receiveShare(of parts: Int, upTo limit: Int) async throws(Failure) -> [Element] {
    precondition(limit > 0, "a limit of elements to receive is positive")
    switch machine.withLock({ $0.receive(upTo: limit, parts: parts, mayWait: true) }) {
    case .received(let elements, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return elements
    case .finished, .empty: return []
    case .failed(let failure): throw failure
    case .mustWait(let id):
      switch await wait(id, upTo: limit, parts: parts) {
      case .one(let element): return [element]
      case .many(let elements): return elements
      case .failed(let failure): throw failure
      case .nothing: return []
      }
    }
  }

  /// As ``receiveShare(of:upTo:)``, without suspending.
  @inlinable
  func tryReceiveShare(of parts: Int, upTo limit: Int) throws(Failure) -> [Element] {
    precondition(limit > 0, "a limit of elements to receive is positive")
    switch machine.withLock({ $0.receive(upTo: limit, parts: parts, mayWait: false) }) {
    case .received(let elements, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return elements
    case .finished, .empty, .mustWait: return []
    case .failed(let failure): throw failure
    }
  }

  /// Waits as a consumer. For a cancellation before the task is enqueued see ``wait(_:_:)``.
  @inlinable
  func wait(_ id: WaiterID, upTo limit: Int, parts: Int = 1) async -> Machine.Delivery {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let consumer = Machine.Consumer(limit: limit, parts: parts, continuation: continuation)
        machine.withLock { $0.enqueueWaiter(consumer, id, isCancelled: Task.isCancelled) }.resume()
      }
    } onCancel: {
      machine.withLock { $0.cancelConsumer(id) }.resume()
    }
  }
}
