import DequeModule

/// What a channel holds and who waits for it: a value that takes an event and answers what is to be done. It neither
/// locks nor resumes.
///
/// Sending and receiving take two steps. The first is an attempt without a continuation; where it cannot succeed
/// nothing changes, and the task gets a name. In the second it comes again, with its continuation, and either succeeds
/// now or stands in line. A cancellation names the task: one that comes before the second step finds nobody, and then
/// the task is known to be cancelled when it takes that step.
///
/// Invariants: what the buffer holds never weighs more than the budget; producers wait only while the first element of
/// the first of them does not fit; consumers wait only while the buffer is empty and no producer waits; after the end
/// nobody waits.
@usableFromInline
struct ChannelStateMachine<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline
  enum Phase: Sendable {
    case open
    /// No consumer has heard of the failure yet.
    case failed(Failure)
    case finished
  }

  /// What the buffer may weigh.
  @usableFromInline let budget: Int
  /// Whether elements have weights of their own. Where they have not, each weighs 1.
  @usableFromInline let isWeighted: Bool
  @usableFromInline var phase = Phase.open
  @usableFromInline var buffer = Deque<Element>()
  /// As many as there are elements in the buffer, if they have weights of their own; else none.
  @usableFromInline var weights = Deque<Int>()
  /// The sum of these.
  @usableFromInline var load = 0
  @usableFromInline var producers = Deque<Producer>()
  @usableFromInline var consumers = Deque<Consumer>()
  @usableFromInline var lastID: WaiterID = 0

  @inlinable
  init(budget: Int, isWeighted: Bool) {
    (self.budget, self.isWeighted) = (budget, isWeighted)
  }

  @inlinable var isOpen: Bool {
    if case .open = phase { true } else { false }
  }

  /// Whether nothing is to come any more, neither an element nor a failure.
  @inlinable var isFinished: Bool {
    if case .finished = phase { buffer.isEmpty } else { false }
  }

  @inlinable
  mutating func nextID() -> WaiterID {
    lastID += 1
    return lastID
  }

  // MARK: The buffer

  /// What the buffer may still take on.
  @inlinable var room: Int { budget - (isWeighted ? load : buffer.count) }

  @inlinable
  mutating func hold(_ element: consuming Element, weight: Int) {
    buffer.append(element)
    if isWeighted {
      weights.append(weight)
      load += weight
    }
  }

  @inlinable
  mutating func releaseFirst() -> Element? {
    guard let element = buffer.popFirst() else { return nil }
    if isWeighted { load -= weights.removeFirst() }
    return element
  }

  @inlinable
  mutating func releaseFirst(_ count: Int) -> [Element] {
    let elements = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    if isWeighted {
      load -= weights.prefix(count).reduce(0, +)
      weights.removeFirst(count)
    }
    return elements
  }

  // MARK: Sending

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

  /// Gives elements to the consumers that wait, evenly: a batch should not go to the first while the others starve. A
  /// consumer that leaves something for others leaves it for those, too, that do not wait yet.
  @inlinable
  mutating func handOut(_ cargo: inout Cargo, _ wakeups: inout Wakeups) {
    while !cargo.isEmpty, let consumer = consumers.first {
      let share = min(max(1, cargo.count / max(consumers.count, consumer.parts)), consumer.limit)
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

  // MARK: Receiving

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
  mutating func park(_ consumer: Consumer, isCancelled: Bool) -> Wakeups {
    var wakeups = Wakeups()
    if consumer.limit == 1, let element = take(&wakeups.sent) {
      wakeups.served.append((consumer.continuation, .one(element)))
      return wakeups
    }
    let elements = take(upTo: consumer.limit, parts: consumer.parts, &wakeups.sent)
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

  // MARK: Ending

  /// The task of a producer was cancelled. Nothing, if it does not wait. Those behind it may find room now.
  @inlinable
  mutating func cancelProducer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let index = producers.firstIndex(where: { $0.id == id }) {
      let producer = producers.remove(at: index)
      wakeups.returned.append((producer.continuation, .cancelled(producer.cargo)))
      refill(&wakeups.sent)
    }
    return wakeups
  }

  /// The task of a consumer was cancelled. Nothing, if it does not wait.
  @inlinable
  mutating func cancelConsumer(_ id: WaiterID) -> Wakeups {
    var wakeups = Wakeups()
    if let index = consumers.firstIndex(where: { $0.id == id }) {
      wakeups.served.append((consumers.remove(at: index).continuation, .nothing))
    }
    return wakeups
  }

  /// The end, once. A failure is told to all consumers that wait; if none does, to the first that comes when the buffer
  /// is empty.
  @inlinable
  mutating func end(_ failure: Failure?) -> Wakeups {
    var wakeups = Wakeups()
    guard isOpen else { return wakeups }
    phase = .finished
    if let failure, consumers.isEmpty { phase = .failed(failure) }
    while let producer = producers.popFirst() {
      wakeups.returned.append((producer.continuation, .finished(producer.cargo)))
    }
    while let consumer = consumers.popFirst() {
      wakeups.served.append((consumer.continuation, failure.map { .failed($0) } ?? .nothing))
    }
    return wakeups
  }
}
