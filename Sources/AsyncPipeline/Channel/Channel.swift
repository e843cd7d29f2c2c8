import Synchronization

/// A ``ThrowingChannel`` that cannot fail: receiving from it does not throw.
///
/// ```swift
/// let lines = Channel<String>(capacity: 64)
/// async let reading: Void = { for await line in lines { print(line) } }()
/// await lines.send("water")
/// lines.finish()
/// await reading
/// ```
public typealias Channel<Element: Sendable> = ThrowingChannel<Element, Never>

/// A bounded queue between tasks: any number of producers and consumers. Each element is received by exactly one
/// consumer.
///
/// A producer suspends while there is no room, and a consumer while there is no element; both are served in FIFO order.
/// The bound is hard. With a capacity of 0 the channel holds no element: `send` returns when a consumer has taken the
/// element.
///
/// The channel ends with ``finish()`` or with ``fail(_:)``. Producers cannot tell the two apart. Consumers first
/// receive the elements that the channel holds. Then the first consumer to ask receives the failure, and all later ones
/// nil; if consumers are waiting when the channel fails, each of them receives the failure.
///
/// Cancellation neither loses nor duplicates an element: a cancelled `send` returns the elements that were not
/// accepted, and a cancelled `next` takes none. A call that can complete without waiting does so even if its task is
/// cancelled.
///
/// ```swift
/// let lines = ThrowingChannel<String, any Error>(capacity: 64)
/// async let reading: Void = { for try await line in lines { print(line) } }()
/// await lines.send("water")
/// lines.fail(CancellationError())
/// try await reading
/// ```
///
/// With a capacity of 0, `ThrowingChannel` and ``Channel`` behave as `AsyncThrowingChannel` and `AsyncChannel` of
/// swift-async-algorithms, and can replace them.
public final class ThrowingChannel<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline typealias Machine = ChannelStateMachine<Element, Failure>

  @usableFromInline let machine: Mutex<Machine>
  /// Nil if each element weighs 1.
  @usableFromInline let weigh: (@Sendable (Element) -> Int)?

  /// Creates a channel that is bounded by the number of its elements.
  ///
  /// - Parameter capacity: the maximum number of elements that the channel holds; not negative. With 0, each element is
  ///   passed directly from a producer to a consumer.
  @inlinable
  public init(capacity: Int = 0) {
    precondition(capacity >= 0, "a channel's capacity is not negative")
    machine = Mutex(Machine(budget: capacity, isWeighted: false))
    weigh = nil
  }

  /// Creates a channel that is bounded by the total weight of its elements, in bytes or any other unit.
  ///
  /// The channel never holds an element that is heavier than the budget: its `send` returns when a consumer has taken
  /// it, and the producers behind it wait.
  ///
  /// - Parameters:
  ///   - budget: the maximum total weight of the elements that the channel holds; not negative.
  ///   - weight: returns the weight of an element; not negative. 0 counts as 1, so that the number of elements is
  ///     bounded too. Called once per element by the sending task, without the channel's lock.
  @inlinable
  public init(budget: Int, weight: @escaping @Sendable (Element) -> Int) {
    precondition(budget >= 0, "a channel's budget is not negative")
    machine = Mutex(Machine(budget: budget, isWeighted: true))
    weigh = weight
  }

  // MARK: Sending

  /// Sends an element; suspends while there is no room or other producers are waiting.
  ///
  /// If the task is cancelled before or while it waits, or the channel ends, the element is returned and will not be
  /// delivered. Does not throw.
  ///
  /// - Returns: the outcome, with the element if it was not accepted.
  @discardableResult
  @inlinable
  @inline(__always)
  public func send(_ element: consuming Element) async -> SendResult<Element> {
    // The path without a wait or a wakeup is inlined: a call that may suspend costs more than the lock.
    let weight = weight(of: element)
    var element: Element? = consume element
    let action = machine.withLock { $0.send(element.take()!, weight: weight, mayWait: true) }
    if case .sent = action { return .sent }
    return await complete(consume action, weight: weight)
  }

  /// Sends elements in order; suspends until the channel or consumers have accepted all of them. Waiting consumers get
  /// equal shares, and no other producer's elements come in between.
  ///
  /// If the task is cancelled before or while it waits, or the channel ends, the elements that were not accepted are
  /// returned and will not be delivered; the accepted ones are delivered. Does not throw.
  ///
  /// - Parameter elements: an empty array is sent at once, even to a channel that has ended.
  /// - Returns: the outcome, with the elements that were not accepted, in order.
  @discardableResult
  @inlinable
  public func send(contentsOf elements: consuming [Element]) async -> SendResult<[Element]> {
    if elements.isEmpty { return .sent }
    let weights = weights(of: elements)
    var elements: [Element]? = consume elements
    switch machine.withLock({ $0.send(elements!, weights: weights) }) {
    case .sent: return .sent
    case .finished: return .finished(elements!)
    case .mustWait(let id):
      switch await wait(id, PendingElements(elements.take()!, weights: weights)) {
      case .sent: return .sent
      case .cancelled(let pending): return .cancelled(pending.elements)
      case .finished(let pending): return .finished(pending.elements)
      }
    }
  }

  /// Sends an element if there is room and no other producer is waiting, or if a consumer is waiting. Never suspends,
  /// ignores cancellation, and does not throw.
  ///
  /// - Returns: the outcome, with the element if it was not accepted.
  @inlinable
  public func trySend(_ element: consuming Element) -> TrySendResult<Element> {
    let weight = weight(of: element)
    var element: Element? = consume element
    switch machine.withLock({ $0.send(element.take()!, weight: weight, mayWait: false) }) {
    case .sent: return .sent
    case .finished(let element): return .finished(element)
    case .full(let element), .mustWait(let element, _): return .full(element)
    case .deliver(let element, let consumer):
      consumer.resume(returning: .one(consume element))
      return .sent
    }
  }

  // MARK: Receiving

  /// Receives the next element; suspends while there is none.
  ///
  /// - Returns: nil if the channel has ended and is empty, or if the task is cancelled before or while it waits. No
  ///   element is taken then.
  /// - Throws: the failure, after the elements that the channel held: to the first consumer that asks, or to each
  ///   consumer that is waiting when the channel fails; to a cancelled task too.
  @inlinable
  @inline(__always)
  public func next() async throws(Failure) -> Element? {
    let action = machine.withLock { $0.receive(mayWait: true) }
    if case .received(let element, .none) = action { return element }
    return try await complete(action)
  }

  /// Receives all elements that are available, up to a limit, in order; suspends while there is none.
  ///
  /// - Parameter limit: the maximum number of elements; positive.
  /// - Returns: at least one element; an empty array if the channel has ended and is empty, or if the task is cancelled
  ///   before or while it waits. No element is taken then.
  /// - Throws: as ``next()``.
  @inlinable
  public func receive(upTo limit: Int) async throws(Failure) -> [Element] {
    try await receiveShare(of: 1, upTo: limit)
  }

  /// Receives the next element if there is one. Never suspends, and ignores cancellation.
  ///
  /// - Returns: nil if there is none. ``isFinished`` tells whether one can still come.
  /// - Throws: the failure, after the elements that the channel held, if no consumer has received it yet.
  @inlinable
  public func tryReceive() throws(Failure) -> Element? {
    switch machine.withLock({ $0.receive(mayWait: false) }) {
    case .received(let element, let sent):
      sent.forEach { $0.resume(returning: .sent) }
      return element
    case .finished, .empty, .mustWait: return nil
    case .failed(let failure): throw failure
    }
  }

  /// Receives all elements that are available, up to a limit, in order. Never suspends, and ignores cancellation.
  ///
  /// - Parameter limit: the maximum number of elements; positive.
  /// - Returns: an empty array if there is none. ``isFinished`` tells whether any can still come.
  /// - Throws: as ``tryReceive()``.
  @inlinable
  public func tryReceive(upTo limit: Int) throws(Failure) -> [Element] {
    try tryReceiveShare(of: 1, upTo: limit)
  }

  // MARK: Ending

  /// Ends the channel: consumers receive the elements that it holds, and then nil; waiting and later producers get
  /// their elements back. Never suspends, and does nothing if the channel has already ended.
  @inlinable
  public func finish() {
    machine.withLock { $0.end(nil) }.resume()
  }

  /// Ends the channel with a failure: consumers receive the elements that it holds, and then one of them the failure,
  /// or each of them if they are waiting already; waiting and later producers get their elements back. Never suspends,
  /// and does nothing if the channel has already ended.
  @inlinable
  public func fail(_ error: Failure) {
    machine.withLock { $0.end(error) }.resume()
  }

  /// Whether the channel has ended, and all of its elements and its failure have been received.
  @inlinable public var isFinished: Bool {
    machine.withLock { $0.isFinished }
  }
}

extension ThrowingChannel: AsyncSequence {
  /// Receives one element after another. It holds no element, so a loop can be left at any time without losing one.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let channel: ThrowingChannel

    @inlinable
    init(_ channel: ThrowingChannel) {
      self.channel = channel
    }

    /// See ``ThrowingChannel/next()``.
    @inlinable
    public mutating func next() async throws(Failure) -> Element? {
      try await channel.next()
    }

    /// See ``ThrowingChannel/next()``; runs on the caller's actor.
    //
    // With an `isolated` parameter there would be a change of executor before and after each element, even in a loop
    // that is nonsending itself: 70 ns on a custom executor.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws(Failure) -> Element? {
      try await channel.next()
    }
  }

  /// All iterators compete for the same elements.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(self)
  }
}

@available(*, unavailable)
extension ThrowingChannel.Iterator: Sendable {}

/// The outcome of a send. An element is either delivered exactly once or returned to its producer.
public enum SendResult<Unsent: Sendable>: Sendable {
  /// The channel or consumers have accepted everything.
  case sent
  /// The task was cancelled while it waited. The payload was not accepted.
  case cancelled(Unsent)
  /// The channel has finished or failed. The payload was not accepted.
  case finished(Unsent)
}

/// The outcome of an attempt to send without waiting.
public enum TrySendResult<Unsent: Sendable>: Sendable {
  /// The channel or a consumer has accepted the element.
  case sent
  /// There is no room, or other producers are waiting. The payload was not accepted.
  case full(Unsent)
  /// The channel has finished or failed. The payload was not accepted.
  case finished(Unsent)
}

extension SendResult: Equatable where Unsent: Equatable {}
extension TrySendResult: Equatable where Unsent: Equatable {}
