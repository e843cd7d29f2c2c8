import DequeModule

extension ChannelStateMachine {
  @usableFromInline
  enum SendAction: Sendable {
    case sent
    /// The consumer is to be resumed with the element.
    case hand(Element, to: ConsumerContinuation)
    case mustWait(Element, WaiterID)
    case finished(Element)
  }

  /// The first step for one element.
  @inlinable
  mutating func send(_ element: consuming Element, weight: Int) -> SendAction {
    guard isOpen else { return .finished(element) }
    if let consumer = consumers.popFirst() { return .hand(element, to: consumer.continuation) }
    guard producers.isEmpty, weight <= room else { return .mustWait(element, nextID()) }
    hold(element, weight: weight)
    return .sent
  }

  @usableFromInline
  enum BatchSendAction: Sendable {
    case sent, finished
    case mustWait(WaiterID)
  }

  /// The first step for several. It succeeds only where nobody waits and all of them fit.
  ///
  /// - Parameter weights: as many, or nil if each element weighs 1.
  @inlinable
  mutating func send(_ elements: [Element], weights: [Int]?) -> BatchSendAction {
    guard isOpen else { return .finished }
    guard consumers.isEmpty, producers.isEmpty, fits(elements.count, weights) else { return .mustWait(nextID()) }
    buffer.append(contentsOf: elements)
    if let weights {
      self.weights.append(contentsOf: weights)
      load += weights.reduce(0, +)
    }
    return .sent
  }

  @inlinable
  func fits(_ count: Int, _ weights: [Int]?) -> Bool {
    guard let weights else { return count <= room }
    // Subtracted one by one: their sum may be more than an integer holds.
    var room = room
    return weights.allSatisfy { weight in
      if weight > room { return false }
      room -= weight
      return true
    }
  }

  /// The second step, for one element and for several: what can go, goes, and only with a rest the producer waits.
  @inlinable
  mutating func park(_ producer: Producer, isCancelled: Bool) -> Wakeups {
    var producer = producer
    var wakeups = Wakeups()
    if isOpen {
      handOut(&producer.cargo, &wakeups)
      if producers.isEmpty { fillBuffer(from: &producer.cargo) }
    }
    if producer.cargo.isEmpty {
      wakeups.sent.append(producer.continuation)
    } else if !isOpen {
      wakeups.returned.append((producer.continuation, .finished(producer.cargo)))
    } else if isCancelled {
      wakeups.returned.append((producer.continuation, .cancelled(producer.cargo)))
    } else {
      producers.append(producer)
    }
    return wakeups
  }

  /// Gives elements to the consumers that wait, evenly: a batch should not go to the first while the others starve.
  @inlinable
  mutating func handOut(_ cargo: inout Cargo, _ wakeups: inout Wakeups) {
    while !cargo.isEmpty, let consumer = consumers.first {
      let share = min(max(1, cargo.count / consumers.count), consumer.limit)
      let delivery = share == 1 ? cargo.popFirst().map(Delivery.one) : .many(cargo.removeFirst(share))
      wakeups.served.append((consumer.continuation, delivery ?? .nothing))
      consumers.removeFirst()
    }
  }

  /// Takes over what fits, in order.
  @inlinable
  mutating func fillBuffer(from cargo: inout Cargo) {
    if !isWeighted, cargo.count > 1 {
      let count = min(room, cargo.count)
      buffer.append(contentsOf: cargo.batch.prefix(count))
      cargo.batch.removeFirst(count)
      return
    }
    while cargo.firstWeight <= room {
      let weight = cargo.firstWeight
      guard let element = cargo.popFirst() else { return }
      hold(element, weight: weight)
    }
  }
}
