import DequeModule

extension ChannelStateMachine {
  @usableFromInline
  enum ReceiveAction<Received: Sendable>: Sendable {
    /// The producers are to be resumed: their elements are gone.
    case received(Received, sent: Few<ProducerContinuation>)
    case failed(Failure)
    case finished
    case mustWait(WaiterID)
  }

  /// The first step for one element.
  @inlinable
  mutating func receive() -> ReceiveAction<Element> {
    var sent = Few<ProducerContinuation>.none
    if let element = take(&sent) { return .received(element, sent: sent) }
    return nothing()
  }

  /// The first step for up to `limit` elements, and no more than the `parts`-th part of what the buffer holds.
  @inlinable
  mutating func receive(upTo limit: Int, parts: Int) -> ReceiveAction<[Element]> {
    var sent = Few<ProducerContinuation>.none
    let elements = take(upTo: limit, parts: parts, &sent)
    return elements.isEmpty ? nothing() : .received(elements, sent: sent)
  }

  @inlinable
  mutating func nothing<Received>() -> ReceiveAction<Received> {
    switch phase {
    case .open: return .mustWait(nextID())
    case .finished: return .finished
    case .failed(let failure):
      phase = .finished
      return .failed(failure)
    }
  }

  /// The second step, for one element and for several.
  @inlinable
  mutating func park(_ consumer: Consumer, parts: Int, isCancelled: Bool) -> Wakeups {
    var wakeups = Wakeups()
    if consumer.limit == 1, let element = take(&wakeups.sent) {
      wakeups.served.append((consumer.continuation, .one(element)))
      return wakeups
    }
    let elements = take(upTo: consumer.limit, parts: parts, &wakeups.sent)
    if !elements.isEmpty {
      wakeups.served.append((consumer.continuation, .many(elements)))
    } else if case .failed(let failure) = phase {
      phase = .finished
      wakeups.served.append((consumer.continuation, .failed(failure)))
    } else if !isOpen || isCancelled {
      wakeups.served.append((consumer.continuation, .nothing))
    } else {
      consumers.append(consumer)
    }
    return wakeups
  }

  // MARK: Taking

  @inlinable
  mutating func take(_ sent: inout Few<ProducerContinuation>) -> Element? {
    if let element = releaseFirst() {
      if !producers.isEmpty { refill(&sent) }
      return element
    }
    return producers.isEmpty ? nil : takeFromProducer(&sent)
  }

  /// Takes from the first producer what it waits with.
  @inlinable
  mutating func takeFromProducer(_ sent: inout Few<ProducerContinuation>) -> Element? {
    var producer = producers.removeFirst()
    let element = producer.cargo.popFirst()
    settle(producer, &sent)
    refill(&sent)
    return element
  }

  @inlinable
  mutating func take(upTo limit: Int, parts: Int, _ sent: inout Few<ProducerContinuation>) -> [Element] {
    let limit = parts == 1 ? limit : min(limit, max(1, buffer.count / parts))
    var elements = releaseFirst(min(limit, buffer.count))
    while elements.count < limit, var producer = producers.popFirst() {
      elements += producer.cargo.removeFirst(min(limit - elements.count, producer.cargo.count))
      settle(producer, &sent)
    }
    refill(&sent)
    return elements
  }

  /// Lets producers that wait take the room.
  @inlinable
  mutating func refill(_ sent: inout Few<ProducerContinuation>) {
    while !producers.isEmpty, producers[0].cargo.firstWeight <= room {
      var producer = producers.removeFirst()
      fillBuffer(from: &producer.cargo)
      settle(producer, &sent)
    }
  }

  /// The first producer has got rid of something: it goes, or it goes on waiting.
  @inlinable
  mutating func settle(_ producer: Producer, _ sent: inout Few<ProducerContinuation>) {
    if producer.cargo.isEmpty { sent.append(producer.continuation) } else { producers.prepend(producer) }
  }
}
