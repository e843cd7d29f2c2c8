/// The state of a channel: its elements and its waiters. A value that takes an event and returns the action that
/// follows. It neither locks nor resumes.
///
/// Sending and receiving take two steps. The first is an attempt without a continuation. If the task must wait, the
/// attempt changes nothing but to reserve a waiter ID. In the second step the task comes with its continuation, and
/// either completes or is enqueued. A cancellation names the waiter ID. If it comes before the second step it finds no
/// waiter, and the second step is told that the task is cancelled.
///
/// Invariants: the buffer never weighs more than its budget; producers wait only if the first element of the first of
/// them does not fit; consumers wait only if the buffer is empty and no producer waits; after the end there are no
/// waiters.
@usableFromInline
struct ChannelStateMachine<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline
  enum Phase: Sendable {
    case open
    /// No consumer has received the failure yet.
    case failed(Failure)
    case finished
  }

  @usableFromInline var phase = Phase.open
  @usableFromInline var buffer: ChannelBuffer<Element>
  @usableFromInline var producers = CancellableFIFO<Producer>()
  @usableFromInline var consumers = CancellableFIFO<Consumer>()

  @inlinable
  init(budget: Int, isWeighted: Bool) {
    buffer = ChannelBuffer(budget: budget, isWeighted: isWeighted)
  }

  @inlinable var isOpen: Bool {
    if case .open = phase { true } else { false }
  }

  /// Whether neither an element nor a failure can be received any more.
  @inlinable var isFinished: Bool {
    if case .finished = phase { buffer.isEmpty } else { false }
  }

  // MARK: Sending

  @usableFromInline
  enum SendAction: Sendable {
    case sent
    /// The consumer is to be resumed with the element.
    case deliver(Element, to: ConsumerContinuation)
    case full(Element)
    case mustWait(Element, WaiterID)
    case finished(Element)
  }

  /// The first step for one element.
  @inlinable
  mutating func send(_ element: consuming Element, weight: Int, mayWait: Bool) -> SendAction {
    guard isOpen else { return .finished(element) }
    if let consumer = consumers.popFirst() { return .deliver(element, to: consumer.continuation) }
    guard producers.isEmpty, weight <= buffer.room else {
      return mayWait ? .mustWait(element, producers.reserve()) : .full(element)
    }
    buffer.append(element, weight: weight)
    return .sent
  }

  @usableFromInline
  enum BatchSendAction: Sendable {
    case sent, finished
    case mustWait(WaiterID)
  }

  /// The first step for several elements. Succeeds only if there are no waiters and all elements fit.
  ///
  /// - Parameter weights: one per element, or nil if each weighs 1.
  @inlinable
  mutating func send(_ elements: [Element], weights: [Int]?) -> BatchSendAction {
    guard isOpen else { return .finished }
    guard consumers.isEmpty, producers.isEmpty, buffer.fits(elements.count, weights) else {
      return .mustWait(producers.reserve())
    }
    buffer.append(contentsOf: elements, weights: weights)
    return .sent
  }

  /// The second step of a producer: sends what can be sent, and enqueues the producer if anything remains.
  @inlinable
  mutating func enqueueWaiter(_ producer: consuming Producer, _ id: WaiterID, isCancelled: Bool) -> Wakeups {
    var producer = producer
    var wakeups = Wakeups()
    if isOpen {
      distribute(&producer.pending, &wakeups)
      if producers.isEmpty { buffer.fill(from: &producer.pending) }
    }
    if producer.pending.isEmpty {
      wakeups.sent.append(producer.continuation)
    } else if !isOpen {
      wakeups.returned.append((producer.continuation, .finished(producer.pending)))
    } else if isCancelled {
      wakeups.returned.append((producer.continuation, .cancelled(producer.pending)))
    } else {
      producers.enqueue(producer, id)
      return wakeups
    }
    producers.release(id)
    return wakeups
  }

  /// Divides elements among the waiting consumers, evenly: the first must not take a whole batch while the others
  /// starve. A consumer with `parts` also leaves elements to consumers that do not wait yet.
  @inlinable
  mutating func distribute(_ pending: inout PendingElements<Element>, _ wakeups: inout Wakeups) {
    while !pending.isEmpty, !consumers.isEmpty {
      let waiting = consumers.count
      guard let consumer = consumers.popFirst() else { return }
      let share = min(max(1, pending.count / max(waiting, consumer.parts)), consumer.limit)
      let delivery = share == 1 ? pending.popFirst().map(Delivery.one) : .many(pending.removeFirst(share))
      wakeups.served.append((consumer.continuation, delivery ?? .nothing))
    }
  }

  // MARK: Receiving

  @usableFromInline
  enum ReceiveAction<Received: Sendable>: Sendable {
    /// The producers are to be resumed: all of their elements were accepted.
    case received(Received, sent: TinyArray<ProducerContinuation>)
    case failed(Failure)
    case finished
    case empty
    case mustWait(WaiterID)
  }

  /// The first step for one element.
  @inlinable
  mutating func receive(mayWait: Bool) -> ReceiveAction<Element> {
    var sent = TinyArray<ProducerContinuation>.none
    if let element = take(&sent) { return .received(element, sent: sent) }
    return receiveNothing(mayWait: mayWait)
  }

  /// The first step for up to `limit` elements, and at most 1/`parts` of what the buffer holds.
  @inlinable
  mutating func receive(upTo limit: Int, parts: Int, mayWait: Bool) -> ReceiveAction<[Element]> {
    var sent = TinyArray<ProducerContinuation>.none
    let elements = take(upTo: limit, parts: parts, &sent)
    return elements.isEmpty ? receiveNothing(mayWait: mayWait) : .received(elements, sent: sent)
  }

  @inlinable
  mutating func receiveNothing<Received>(mayWait: Bool) -> ReceiveAction<Received> {
    switch phase {
    case .open: return mayWait ? .mustWait(consumers.reserve()) : .empty
    case .finished: return .finished
    case .failed(let failure):
      phase = .finished
      return .failed(failure)
    }
  }

  /// The second step of a consumer.
  @inlinable
  mutating func enqueueWaiter(_ consumer: Consumer, _ id: WaiterID, isCancelled: Bool) -> Wakeups {
    var wakeups = Wakeups()
    if let delivery = takeDelivery(for: consumer, isCancelled: isCancelled, &wakeups.sent) {
      wakeups.served.append((consumer.continuation, delivery))
      consumers.release(id)
    } else {
      consumers.enqueue(consumer, id)
    }
    return wakeups
  }

  /// Nil if the consumer must wait.
  @inlinable
  mutating func takeDelivery(
    for consumer: Consumer, isCancelled: Bool, _ sent: inout TinyArray<ProducerContinuation>
  ) -> Delivery? {
    if consumer.limit == 1, let element = take(&sent) { return .one(element) }
    let elements = take(upTo: consumer.limit, parts: consumer.parts, &sent)
    if !elements.isEmpty { return .many(elements) }
    switch phase {
    case .open: return isCancelled ? .nothing : nil
    case .finished: return .nothing
    case .failed(let failure):
      phase = .finished
      return .failed(failure)
    }
  }

  // MARK: Taking

  @inlinable
  mutating func take(_ sent: inout TinyArray<ProducerContinuation>) -> Element? {
    if let element = buffer.popFirst() {
      if !producers.isEmpty { admitProducers(&sent) }
      return element
    }
    return producers.isEmpty ? nil : takeFromProducer(&sent)
  }

  /// Takes an element of the first producer, past the buffer.
  @inlinable
  mutating func takeFromProducer(_ sent: inout TinyArray<ProducerContinuation>) -> Element? {
    let element = producers.first.pending.popFirst()
    removeFirstProducerIfDone(&sent)
    admitProducers(&sent)
    return element
  }

  @inlinable
  mutating func take(upTo limit: Int, parts: Int, _ sent: inout TinyArray<ProducerContinuation>) -> [Element] {
    let limit = parts == 1 ? limit : min(limit, max(1, buffer.count / parts))
    var elements = buffer.removeFirst(min(limit, buffer.count))
    while elements.count < limit, !producers.isEmpty {
      let count = min(limit - elements.count, producers.first.pending.count)
      elements += producers.first.pending.removeFirst(count)
      removeFirstProducerIfDone(&sent)
    }
    admitProducers(&sent)
    return elements
  }

  /// Moves elements of waiting producers into the buffer, as far as they fit.
  @inlinable
  mutating func admitProducers(_ sent: inout TinyArray<ProducerContinuation>) {
    while !producers.isEmpty, producers.first.pending.firstWeight <= buffer.room {
      buffer.fill(from: &producers.first.pending)
      removeFirstProducerIfDone(&sent)
    }
  }

  @inlinable
  mutating func removeFirstProducerIfDone(_ sent: inout TinyArray<ProducerContinuation>) {
    guard producers.first.pending.isEmpty, let producer = producers.popFirst() else { return }
    sent.append(producer.continuation)
  }

  // MARK: Ending

  /// The task of a producer was cancelled. Does nothing if it is not waiting. The producers behind it may fit now.
  @inlinable
  mutating func cancelProducer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let producer = producers.remove(id) {
      wakeups.returned.append((producer.continuation, .cancelled(producer.pending)))
      admitProducers(&wakeups.sent)
    }
    return wakeups
  }

  /// The task of a consumer was cancelled. Does nothing if it is not waiting.
  @inlinable
  mutating func cancelConsumer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let consumer = consumers.remove(id) { wakeups.served.append((consumer.continuation, .nothing)) }
    return wakeups
  }

  /// Ends the channel, once. All waiting consumers receive the failure; if there are none, the first to come when the
  /// buffer is empty does.
  @inlinable
  mutating func end(_ failure: Failure?) -> Wakeups {
    var wakeups = Wakeups()
    guard isOpen else { return wakeups }
    phase = .finished
    if let failure, consumers.isEmpty { phase = .failed(failure) }
    while let producer = producers.popFirst() {
      wakeups.returned.append((producer.continuation, .finished(producer.pending)))
    }
    while let consumer = consumers.popFirst() {
      wakeups.served.append((consumer.continuation, failure.map { .failed($0) } ?? .nothing))
    }
    return wakeups
  }
}
