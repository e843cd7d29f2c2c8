import DequeModule

/// What a channel holds and who waits for it: a value that takes an event and answers what is to be done. It neither locks nor
/// resumes.
///
/// A task that must wait gets its place in the queue at once, and a name for it; it brings its continuation in a second
/// event, `parkProducer` or `parkConsumer`. Whatever is decided in between is kept for it.
///
/// Invariants: producers wait only while the buffer is full; consumers wait only while the buffer is empty and no producer
/// waits; after the end nobody waits.
@usableFromInline
struct ChannelStateMachine<Element: Sendable> {
  @usableFromInline typealias SendOutcome = Channel<Element>.BatchSendResult
  @usableFromInline typealias ProducerContinuation = UnsafeContinuation<SendOutcome, Never>
  @usableFromInline typealias ConsumerContinuation = UnsafeContinuation<[Element], Never>

  /// Names a task that waits. Never used twice.
  @usableFromInline typealias WaiterID = UInt64

  /// Whom to resume, once the lock is released.
  @usableFromInline
  struct Resumption {
    @usableFromInline var producers: [(ProducerContinuation, SendOutcome)] = []
    @usableFromInline var consumers: [(ConsumerContinuation, [Element])] = []

    @inlinable
    init() {}

    @inlinable
    func run() {
      for (continuation, outcome) in producers { continuation.resume(returning: outcome) }
      for (continuation, elements) in consumers { continuation.resume(returning: elements) }
    }
  }

  @usableFromInline
  struct Producer {
    @usableFromInline let id: WaiterID
    /// What has not been taken over yet.
    @usableFromInline var rest: ArraySlice<Element>
    @usableFromInline var continuation: ProducerContinuation?

    @inlinable
    init(id: WaiterID, rest: ArraySlice<Element>) {
      (self.id, self.rest) = (id, rest)
    }
  }

  @usableFromInline
  struct Consumer {
    @usableFromInline let id: WaiterID
    @usableFromInline let limit: Int
    @usableFromInline var continuation: ConsumerContinuation?

    @inlinable
    init(id: WaiterID, limit: Int) {
      (self.id, self.limit) = (id, limit)
    }
  }

  @usableFromInline let capacity: Int
  @usableFromInline var buffer = Deque<Element>()
  @usableFromInline var producers = Deque<Producer>()
  @usableFromInline var consumers = Deque<Consumer>()
  @usableFromInline var isFinished = false
  @usableFromInline var lastID: WaiterID = 0
  // Decided before the continuation came.
  @usableFromInline var decidedProducers: [WaiterID: SendOutcome] = [:]
  @usableFromInline var decidedConsumers: [WaiterID: [Element]] = [:]

  @inlinable
  init(capacity: Int) {
    self.capacity = capacity
  }

  // MARK: Sending

  @usableFromInline
  enum SendStep {
    case done, finished
    case mustWait(WaiterID)
  }

  @inlinable
  mutating func send(_ elements: [Element]) -> (SendStep, Resumption) {
    var resumption = Resumption()
    if isFinished { return (.finished, resumption) }
    var rest = elements[...]
    handOut(&rest, &resumption)
    fillBuffer(from: &rest)
    if rest.isEmpty { return (.done, resumption) }
    let id = nextID()
    producers.append(Producer(id: id, rest: rest))
    return (.mustWait(id), resumption)
  }

  /// Takes a single element over if that needs no waiting and wakes nobody.
  @inlinable
  mutating func offer(_ element: Element) -> Bool {
    guard !isFinished, consumers.isEmpty, buffer.count < capacity else { return false }
    buffer.append(element)
    return true
  }

  /// Gives elements to the consumers that wait, evenly: a batch should not go to the first while the others starve.
  @inlinable
  mutating func handOut(_ rest: inout ArraySlice<Element>, _ resumption: inout Resumption) {
    while !rest.isEmpty, !consumers.isEmpty {
      let share = min(max(1, rest.count / consumers.count), consumers[0].limit)
      resolve(consumers.removeFirst(), Array(rest.prefix(share)), &resumption)
      rest = rest.dropFirst(share)
    }
  }

  @inlinable
  mutating func fillBuffer(from rest: inout ArraySlice<Element>) {
    let count = min(capacity - buffer.count, rest.count)
    buffer.append(contentsOf: rest.prefix(count))
    rest = rest.dropFirst(count)
  }

  // MARK: Receiving

  @usableFromInline
  enum ReceiveStep {
    case elements([Element])
    case finished
    case mustWait(WaiterID)
  }

  @inlinable
  mutating func receive(upTo limit: Int, parts: Int = 1) -> (ReceiveStep, Resumption) {
    let (elements, resumption) = take(upTo: limit, parts: parts)
    if !elements.isEmpty { return (.elements(elements), resumption) }
    if isFinished { return (.finished, resumption) }
    let id = nextID()
    consumers.append(Consumer(id: id, limit: limit))
    return (.mustWait(id), resumption)
  }

  /// Takes what is there, but no more than the `parts`-th part of it, and lets producers that waited take its place.
  @inlinable
  mutating func take(upTo limit: Int, parts: Int = 1) -> ([Element], Resumption) {
    var resumption = Resumption()
    let limit = parts == 1 ? limit : min(limit, max(1, buffer.count / parts))
    let count = min(limit, buffer.count)
    var taken = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    while !producers.isEmpty, taken.count < limit || buffer.count < capacity {
      let direct = min(limit - taken.count, producers[0].rest.count)
      taken.append(contentsOf: producers[0].rest.prefix(direct))
      producers[0].rest = producers[0].rest.dropFirst(direct)
      var rest = producers[0].rest
      fillBuffer(from: &rest)
      producers[0].rest = rest
      if !rest.isEmpty { break }
      resolve(producers.removeFirst(), .sent, &resumption)
    }
    return (taken, resumption)
  }

  /// Takes a single element if that lets nobody go on.
  @inlinable
  mutating func takeOne() -> Element? {
    producers.isEmpty ? buffer.popFirst() : nil
  }

  // MARK: Waiting

  /// The continuation of a task that was told to wait.
  @inlinable
  mutating func parkProducer(_ id: WaiterID, _ continuation: ProducerContinuation) -> Resumption {
    var resumption = Resumption()
    if let outcome = decidedProducers.removeValue(forKey: id) {
      resumption.producers.append((continuation, outcome))
    } else if let index = producers.firstIndex(where: { $0.id == id }) {
      producers[index].continuation = continuation
    }
    return resumption
  }

  /// The continuation of a task that was told to wait.
  @inlinable
  mutating func parkConsumer(_ id: WaiterID, _ continuation: ConsumerContinuation) -> Resumption {
    var resumption = Resumption()
    if let elements = decidedConsumers.removeValue(forKey: id) {
      resumption.consumers.append((continuation, elements))
    } else if let index = consumers.firstIndex(where: { $0.id == id }) {
      consumers[index].continuation = continuation
    }
    return resumption
  }

  @inlinable
  mutating func resolve(_ producer: Producer, _ outcome: SendOutcome, _ resumption: inout Resumption) {
    if let continuation = producer.continuation {
      resumption.producers.append((continuation, outcome))
    } else {
      decidedProducers[producer.id] = outcome
    }
  }

  @inlinable
  mutating func resolve(_ consumer: Consumer, _ elements: [Element], _ resumption: inout Resumption) {
    if let continuation = consumer.continuation {
      resumption.consumers.append((continuation, elements))
    } else {
      decidedConsumers[consumer.id] = elements
    }
  }

  @inlinable
  mutating func nextID() -> WaiterID {
    lastID += 1
    return lastID
  }

  // MARK: Ending

  /// The task of a producer was cancelled. Nothing, if its elements have been taken over meanwhile.
  @inlinable
  mutating func cancelProducer(_ id: WaiterID) -> Resumption {
    var resumption = Resumption()
    if let index = producers.firstIndex(where: { $0.id == id }) {
      let producer = producers.remove(at: index)
      resolve(producer, .cancelled(Array(producer.rest)), &resumption)
    }
    return resumption
  }

  /// The task of a consumer was cancelled. Nothing, if it has been given elements meanwhile.
  @inlinable
  mutating func cancelConsumer(_ id: WaiterID) -> Resumption {
    var resumption = Resumption()
    if let index = consumers.firstIndex(where: { $0.id == id }) {
      resolve(consumers.remove(at: index), [], &resumption)
    }
    return resumption
  }

  @inlinable
  mutating func finish() -> Resumption {
    var resumption = Resumption()
    isFinished = true
    while let producer = producers.popFirst() {
      resolve(producer, .finished(Array(producer.rest)), &resumption)
    }
    while let consumer = consumers.popFirst() { resolve(consumer, [], &resumption) }
    return resumption
  }
}
