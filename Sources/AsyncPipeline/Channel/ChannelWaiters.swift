import DequeModule

// Who waits for a channel, with what, and what they are told: the words in which its state machine speaks.

extension ChannelStateMachine {
  /// Names a task that may have to wait, so that a cancellation can find it. Never used twice.
  @usableFromInline typealias WaiterID = UInt64
  @usableFromInline typealias ProducerContinuation = UnsafeContinuation<SendResult<Cargo>, Never>
  @usableFromInline typealias ConsumerContinuation = UnsafeContinuation<Delivery, Never>

  /// What a producer wants to get rid of: one element, which needs no allocation, or several.
  @usableFromInline
  struct Cargo: Sendable {
    @usableFromInline var single: Element?
    @usableFromInline var singleWeight: Int
    @usableFromInline var batch: Deque<Element>
    /// As many as there are elements in the batch, or none if each weighs 1.
    @usableFromInline var batchWeights: Deque<Int>

    @inlinable
    init(_ element: consuming Element, weight: Int) {
      single = consume element
      singleWeight = weight
      batch = []
      batchWeights = []
    }

    /// - Parameter weights: as many, or nil if each element weighs 1.
    @inlinable
    init(_ elements: [Element], weights: [Int]?) {
      (single, singleWeight) = (nil, 0)
      batch = Deque(elements)
      batchWeights = Deque(weights ?? [])
    }

    @inlinable var isEmpty: Bool { single == nil && batch.isEmpty }
    @inlinable var count: Int { single == nil ? batch.count : 1 }
    @inlinable var firstWeight: Int { single == nil ? batchWeights.first ?? 1 : singleWeight }
    @inlinable var elements: [Element] { single.map { [$0] } ?? Array(batch) }

    @inlinable
    mutating func popFirst() -> Element? {
      if let element = single {
        single = nil
        return element
      }
      _ = batchWeights.popFirst()
      return batch.popFirst()
    }

    /// - Parameter count: not more than there are.
    @inlinable
    mutating func removeFirst(_ count: Int) -> [Element] {
      if single != nil { return popFirst().map { [$0] } ?? [] }
      let elements = Array(batch.prefix(count))
      batch.removeFirst(count)
      if !batchWeights.isEmpty { batchWeights.removeFirst(count) }
      return elements
    }
  }

  /// What a consumer is given.
  @usableFromInline
  enum Delivery: Sendable {
    case one(Element)
    case many([Element])
    case failed(Failure)
    /// The end, or a cancellation.
    case nothing
  }

  @usableFromInline
  struct Producer: Sendable {
    @usableFromInline let id: WaiterID
    @usableFromInline var cargo: Cargo
    @usableFromInline let continuation: ProducerContinuation

    @inlinable
    init(id: WaiterID, cargo: consuming Cargo, continuation: ProducerContinuation) {
      (self.id, self.cargo, self.continuation) = (id, cargo, continuation)
    }
  }

  @usableFromInline
  struct Consumer: Sendable {
    @usableFromInline let id: WaiterID
    @usableFromInline let limit: Int
    /// Takes no more than one of so many parts of what is there.
    @usableFromInline let parts: Int
    @usableFromInline let continuation: ConsumerContinuation

    @inlinable
    init(id: WaiterID, limit: Int, parts: Int, continuation: ConsumerContinuation) {
      (self.id, self.limit, self.parts, self.continuation) = (id, limit, parts, continuation)
    }
  }

  /// Whom to resume, and with what, once the lock is released.
  @usableFromInline
  struct Wakeups: Sendable {
    /// Those whose elements are all gone.
    @usableFromInline var sent = Few<ProducerContinuation>.none
    /// Those who get elements back.
    @usableFromInline var returned = Few<(ProducerContinuation, SendResult<Cargo>)>.none
    @usableFromInline var served = Few<(ConsumerContinuation, Delivery)>.none

    @inlinable
    init() {}

    @inlinable
    func run() {
      sent.forEach { $0.resume(returning: .sent) }
      returned.forEach { $0.resume(returning: $1) }
      served.forEach { $0.resume(returning: $1) }
    }
  }
}

/// None, one or several: where one is the rule, an array would be an allocation too many.
@usableFromInline
enum Few<Member> {
  case none
  case one(Member)
  case many([Member])

  @inlinable
  mutating func append(_ member: Member) {
    switch self {
    case .none: self = .one(member)
    case .one(let first): self = .many([first, member])
    case .many(var members):
      self = .none  // So that the array is not copied.
      members.append(member)
      self = .many(members)
    }
  }

  @inlinable
  func forEach(_ body: (Member) -> Void) {
    switch self {
    case .none: return
    case .one(let member): body(member)
    case .many(let members): for member in members { body(member) }
    }
  }
}

extension Few: Sendable where Member: Sendable {}
