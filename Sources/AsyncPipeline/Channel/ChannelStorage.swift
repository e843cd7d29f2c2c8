import Synchronization

/// The lock around the channel's state machine, and the continuations that it names. The machine is asked under the
/// lock; continuations are resumed, and elements weighed, outside it.
@usableFromInline
final class ChannelStorage<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline typealias Machine = ChannelStateMachine<Element, Failure>

  @usableFromInline let machine: Mutex<Machine>
  @usableFromInline let weigh: (@Sendable (Element) -> Int)?

  @inlinable
  init(capacity: Int) {
    precondition(capacity >= 0, "a channel's capacity is not negative")
    machine = Mutex(Machine(budget: capacity, isWeighted: false))
    weigh = nil
  }

  @inlinable
  init(budget: Int, weight: @escaping @Sendable (Element) -> Int) {
    precondition(budget >= 0, "a channel's budget is not negative")
    machine = Mutex(Machine(budget: budget, isWeighted: true))
    weigh = weight
  }

  /// At least 1, so that the budget bounds the number of elements too.
  @inlinable
  func weight(of element: Element) -> Int {
    guard let weigh else { return 1 }
    let weight = weigh(element)
    precondition(weight >= 0, "an element's weight is not negative")
    return max(1, weight)
  }

  @inlinable
  func weights(of elements: [Element]) -> [Int]? {
    weigh == nil ? nil : elements.map(weight(of:))
  }

  // MARK: Sending

  // The quick way, in which nobody waits or is woken, is part of the caller: a call that may suspend costs more than a
  // lock.
  @inlinable
  @inline(__always)
  func send(_ element: consuming Element) async -> SendResult<Element> {
    let weight = weight(of: element)
    var element: Element? = consume element
    let action = machine.withLock { $0.send(element.take()!, weight: weight) }
    if case .sent = action { return .sent }
    return await conclude(consume action, weight: weight)
  }

  @inlinable
  @inline(never)
  func conclude(_ action: consuming Machine.SendAction, weight: Int) async -> SendResult<Element> {
    switch consume action {
    case .sent: return .sent
    case .finished(let element): return .finished(element)
    case .hand(let element, let consumer):
      consumer.resume(returning: .one(consume element))
      return .sent
    case .mustWait(let element, let id):
      switch await wait(id, Machine.Cargo(consume element, weight: weight)) {
      case .sent: return .sent
      case .cancelled(let cargo): return .cancelled(cargo.single!)
      case .finished(let cargo): return .finished(cargo.single!)
      }
    }
  }

  @inlinable
  func send(contentsOf elements: consuming [Element]) async -> SendResult<[Element]> {
    if elements.isEmpty { return .sent }
    let weights = weights(of: elements)
    var elements: [Element]? = consume elements
    switch machine.withLock({ $0.send(elements!, weights: weights) }) {
    case .sent: return .sent
    case .finished: return .finished(elements!)
    case .mustWait(let id):
      switch await wait(id, Machine.Cargo(elements.take()!, weights: weights)) {
      case .sent: return .sent
      case .cancelled(let cargo): return .cancelled(cargo.elements)
      case .finished(let cargo): return .finished(cargo.elements)
      }
    }
  }

  @inlinable
  func trySend(_ element: consuming Element) -> TrySendResult<Element> {
    let weight = weight(of: element)
    var element: Element? = consume element
    switch machine.withLock({ $0.send(element.take()!, weight: weight) }) {
    case .sent: return .sent
    case .finished(let element): return .finished(element)
    case .mustWait(let element, _): return .full(element)
    case .hand(let element, let consumer):
      consumer.resume(returning: .one(consume element))
      return .sent
    }
  }

  /// A cancellation that comes before the task stands in line finds nobody. It is not missed: its handler had the lock
  /// before the task has it, so that the task sees there that it is cancelled.
  @inlinable
  func wait(_ id: Machine.WaiterID, _ cargo: consuming Machine.Cargo) async -> SendResult<Machine.Cargo> {
    var cargo: Machine.Cargo? = consume cargo
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        machine.withLock {
          $0.park(.init(id: id, cargo: cargo.take()!, continuation: continuation), isCancelled: Task.isCancelled)
        }.run()
      }
    } onCancel: {
      machine.withLock { $0.cancelProducer(id) }.run()
    }
  }

  // MARK: Receiving

  @inlinable
  @inline(__always)
  func receive() async throws(Failure) -> Element? {
    let action = machine.withLock { $0.receive() }
    if case .received(let element, .none) = action { return element }
    return try await conclude(action)
  }

  @inlinable
  @inline(never)
  func conclude(_ action: Machine.ReceiveAction<Element>) async throws(Failure) -> Element? {
    switch action {
    case .received(let element, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return element
    case .finished: return nil
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

  @inlinable
  func receive(upTo limit: Int, parts: Int = 1) async throws(Failure) -> [Element] {
    precondition(limit > 0, "a limit of elements to receive is positive")
    switch machine.withLock({ $0.receive(upTo: limit, parts: parts) }) {
    case .received(let elements, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return elements
    case .finished: return []
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

  @inlinable
  func tryReceive() throws(Failure) -> Element? {
    switch machine.withLock({ $0.receive() }) {
    case .received(let element, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return element
    case .finished, .mustWait: return nil
    case .failed(let failure): throw failure
    }
  }

  @inlinable
  func tryReceive(upTo limit: Int, parts: Int = 1) throws(Failure) -> [Element] {
    precondition(limit > 0, "a limit of elements to receive is positive")
    switch machine.withLock({ $0.receive(upTo: limit, parts: parts) }) {
    case .received(let elements, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return elements
    case .finished, .mustWait: return []
    case .failed(let failure): throw failure
    }
  }

  @inlinable
  func wait(_ id: Machine.WaiterID, upTo limit: Int, parts: Int = 1) async -> Machine.Delivery {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let consumer = Machine.Consumer(id: id, limit: limit, parts: parts, continuation: continuation)
        machine.withLock { $0.park(consumer, isCancelled: Task.isCancelled) }.run()
      }
    } onCancel: {
      machine.withLock { $0.cancelConsumer(id) }.run()
    }
  }

  // MARK: Ending

  @inlinable
  func end(_ failure: Failure? = nil) {
    machine.withLock { $0.end(failure) }.run()
  }

  @inlinable var isFinished: Bool {
    machine.withLock { $0.isFinished }
  }
}
