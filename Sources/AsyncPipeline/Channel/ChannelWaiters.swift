// The waiters of a channel, and what they are resumed with.

extension ChannelStateMachine {
  @usableFromInline typealias ProducerContinuation = UnsafeContinuation<SendResult<PendingElements<Element>>, Never>
  @usableFromInline typealias ConsumerContinuation = UnsafeContinuation<Delivery, Never>

  /// What a consumer is resumed with.
  @usableFromInline
  enum Delivery: Sendable {
    case one(Element)
    case many([Element])
    case failed(Failure)
    /// The channel has finished, or the task was cancelled.
    case nothing
  }

  @usableFromInline
  struct Producer: Sendable {
    @usableFromInline var pending: PendingElements<Element>
    @usableFromInline let continuation: ProducerContinuation

    @inlinable
    init(pending: consuming PendingElements<Element>, continuation: ProducerContinuation) {
      (self.pending, self.continuation) = (pending, continuation)
    }
  }

  @usableFromInline
  struct Consumer: Sendable {
    @usableFromInline let limit: Int
    /// The consumer takes at most 1/`parts` of what is available.
    @usableFromInline let parts: Int
    @usableFromInline let continuation: ConsumerContinuation

    @inlinable
    init(limit: Int, parts: Int, continuation: ConsumerContinuation) {
      (self.limit, self.parts, self.continuation) = (limit, parts, continuation)
    }
  }

  /// The continuations to resume when the lock is released.
  @usableFromInline
  struct Wakeups: Sendable {
    /// Producers whose elements were all accepted.
    @usableFromInline var sent = TinyArray<ProducerContinuation>.none
    /// Producers that get elements back.
    @usableFromInline var returned = TinyArray<(ProducerContinuation, SendResult<PendingElements<Element>>)>.none
    @usableFromInline var served = TinyArray<(ConsumerContinuation, Delivery)>.none

    @inlinable
    init() {}

    @inlinable
    func resume() {
      sent.forEach { $0.resume(returning: .sent) }
      returned.forEach { $0.resume(returning: $1) }
      served.forEach { $0.resume(returning: $1) }
    }
  }
}

/// An array that allocates only for more than one member.
@usableFromInline
enum TinyArray<Member> {
  case none
  case one(Member)
  case many([Member])

  @inlinable
  mutating func append(_ member: Member) {
    switch self {
    case .none: self = .one(member)
    case .one(let first): self = .many([first, member])
    case .many(var members):
      self = .none  // Releases the array, so that the append does not copy it.
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

extension TinyArray: Sendable where Member: Sendable {}
