/// A bounded queue between tasks: many producers, many consumers, each element to exactly one of them.
///
/// A producer suspends while there is no room, a consumer while there is nothing to receive; both are served first come
/// first served. The bound is hard. With a capacity of 0 the channel holds no element: a `send` lasts until a consumer
/// has taken it.
///
/// Cancellation neither loses nor repeats an element: a cancelled `send` hands back what was not taken over, and a
/// cancelled `next` takes nothing. What need not wait is done even in a task that was cancelled.
///
/// ```swift
/// let lines = Channel<String>(capacity: 64)
/// async let reading: Void = { for await line in lines { print(line) } }()
/// await lines.send("water")
/// lines.finish()
/// await reading
/// ```
///
/// ``ThrowingChannel`` is the same for elements that may end with a failure. With a capacity of 0 the two behave as
/// swift-async-algorithms' `AsyncChannel` and `AsyncThrowingChannel`, and can take their place.
public final class Channel<Element: Sendable>: Sendable {
  @usableFromInline let storage: ChannelStorage<Element, Never>

  /// A channel bounded by the number of elements.
  ///
  /// - Parameter capacity: how many elements the channel holds that no consumer has asked for yet; not negative. With 0
  ///   producers and consumers meet.
  @inlinable
  public init(capacity: Int = 0) {
    storage = ChannelStorage(capacity: capacity)
  }

  /// A channel bounded by what its elements weigh, in bytes or any other unit.
  ///
  /// An element that is heavier than the whole budget is never held: its `send` lasts until a consumer has taken it,
  /// and keeps its place in the line meanwhile.
  ///
  /// - Parameters:
  ///   - budget: what the elements that the channel holds weigh together at most; not negative.
  ///   - weight: of an element; not negative. 0 counts as 1, so that the number of elements is bounded too. It is
  ///     called once whenever an element is sent, by the task that sends it, and not under a lock.
  @inlinable
  public init(budget: Int, weight: @escaping @Sendable (Element) -> Int) {
    storage = ChannelStorage(budget: budget, weight: weight)
  }

  // MARK: Sending

  /// Sends an element; suspends while there is no room, or other producers wait in line.
  ///
  /// If the task is cancelled, before or while it must wait, the element is handed back at once and never delivered. So
  /// it is if the channel is finished, before or meanwhile. It does not throw.
  ///
  /// - Returns: how it ended, with the element if that is handed back.
  @discardableResult
  @inlinable
  public func send(_ element: consuming Element) async -> SendResult<Element> {
    await storage.send(consume element)
  }

  /// Sends elements in order; suspends until the channel or consumers have taken them all over. Consumers that wait get
  /// even shares, and no other producer's elements come in between.
  ///
  /// If the task is cancelled, before or while it must wait, those that were not taken over are handed back at once and
  /// never delivered; the others are or will be. So it is if the channel is finished, before or meanwhile. It does not
  /// throw.
  ///
  /// - Parameter elements: if there are none, they are sent at once.
  /// - Returns: how it ended, with the rest if there is one, in order.
  @discardableResult
  @inlinable
  public func send(contentsOf elements: consuming [Element]) async -> SendResult<[Element]> {
    await storage.send(contentsOf: consume elements)
  }

  /// Sends an element if that is possible without waiting: there is room and nobody in line for it, or a consumer
  /// waits. It never suspends, heeds no cancellation, and does not throw.
  ///
  /// - Returns: how it ended, with the element if that is handed back.
  @inlinable
  public func trySend(_ element: consuming Element) -> TrySendResult<Element> {
    storage.trySend(consume element)
  }

  // MARK: Receiving

  /// The next element; suspends while there is none.
  ///
  /// - Returns: nil once the channel is finished and empty, or if the task is cancelled, before or while it must wait.
  ///   Then it has taken nothing.
  @inlinable
  public func next() async -> Element? {
    await storage.receive()
  }

  /// The next elements, in order, however many there are; suspends while there is none.
  ///
  /// - Parameter limit: how many at most; positive.
  /// - Returns: at least one element; but none once the channel is finished and empty, or if the task is cancelled,
  ///   before or while it must wait. Then it has taken nothing.
  @inlinable
  public func receive(upTo limit: Int) async -> [Element] {
    await storage.receive(upTo: limit)
  }

  /// The next element if there is one now. It never suspends, and heeds no cancellation.
  ///
  /// - Returns: nil if there is none. Whether one may still come says ``isFinished``.
  @inlinable
  public func tryReceive() -> Element? {
    storage.tryReceive()
  }

  /// The next elements if there are any now, in order. It never suspends, and heeds no cancellation.
  ///
  /// - Parameter limit: how many at most; positive.
  /// - Returns: none if there are none. Whether any may still come says ``isFinished``.
  @inlinable
  public func tryReceive(upTo limit: Int) -> [Element] {
    storage.tryReceive(upTo: limit)
  }

  /// As ``receive(upTo:)``, but leaves something for the others: no more than the `parts`-th part of what the channel
  /// holds.
  @inlinable
  func receiveShare(of parts: Int, upTo limit: Int) async -> [Element] {
    await storage.receive(upTo: limit, parts: parts)
  }

  /// As ``receiveShare(of:upTo:)``, without suspending.
  @inlinable
  func tryReceiveShare(of parts: Int, upTo limit: Int) -> [Element] {
    storage.tryReceive(upTo: limit, parts: parts)
  }

  // MARK: Ending

  /// Ends the channel: consumers still get what it holds, and then nil; producers that wait, and all that come, get
  /// their elements back. Never suspends; once the channel has ended it does nothing.
  @inlinable
  public func finish() {
    storage.end()
  }

  /// Whether the channel was finished and all that it held has been received.
  @inlinable public var isFinished: Bool {
    storage.isFinished
  }
}

extension Channel: AsyncSequence {
  public typealias Failure = Never

  /// Receives one element after another. It holds none, so that a consumer may leave its loop at any time.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let storage: ChannelStorage<Element, Never>

    @inlinable
    init(storage: ChannelStorage<Element, Never>) {
      self.storage = storage
    }

    /// As ``Channel/next()``.
    @inlinable
    public mutating func next() async -> Element? {
      await storage.receive()
    }

    /// As ``Channel/next()``, on the actor.
    //
    // With an `isolated` parameter there would be a change of executor before and after each element, as in a loop that
    // is nonsending itself: 70 ns on an executor of one's own.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async -> Element? {
      await storage.receive()
    }
  }

  /// Each iterator competes for the same elements.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(storage: storage)
  }
}

@available(*, unavailable)
extension Channel.Iterator: Sendable {}
