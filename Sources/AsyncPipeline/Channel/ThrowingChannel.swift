/// A ``Channel`` whose elements may end with a failure.
///
/// Producers hear of the failure no more than that the channel is finished. Consumers first get what it holds, and then
/// one of them the failure and the others nil; only if consumers wait at the moment of the failure do all of these get
/// it.
///
/// ```swift
/// let lines = ThrowingChannel<String, any Error>(capacity: 64)
/// async let reading: Void = { for try await line in lines { print(line) } }()
/// await lines.send("water")
/// lines.fail(CancellationError())
/// try await reading
/// ```
public final class ThrowingChannel<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline let storage: ChannelStorage<Element, Failure>

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
  /// it is if the channel is finished, or fails, before or meanwhile. It does not throw.
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
  /// never delivered; the others are or will be. So it is if the channel is finished, or fails, before or meanwhile. It
  /// does not throw.
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
  /// - Returns: nil once the channel is finished and empty, or its failure has been told, or if the task is cancelled,
  ///   before or while it must wait. Then it has taken nothing.
  /// - Throws: the failure, once what the channel held is received: to the first that comes then, or to all that wait
  ///   when it fails. A task that was cancelled gets it too.
  @inlinable
  public func next() async throws(Failure) -> Element? {
    try await storage.receive()
  }

  /// The next elements, in order, however many there are; suspends while there is none.
  ///
  /// - Parameter limit: how many at most; positive.
  /// - Returns: at least one element; but none once the channel is finished and empty, or its failure has been told, or
  ///   if the task is cancelled, before or while it must wait. Then it has taken nothing.
  /// - Throws: the failure, once what the channel held is received: to the first that comes then, or to all that wait
  ///   when it fails. A task that was cancelled gets it too.
  @inlinable
  public func receive(upTo limit: Int) async throws(Failure) -> [Element] {
    try await storage.receive(upTo: limit)
  }

  /// The next element if there is one now. It never suspends, and heeds no cancellation.
  ///
  /// - Returns: nil if there is none. Whether one may still come says ``isFinished``.
  /// - Throws: the failure, once what the channel held is received, and nobody has been told of it.
  @inlinable
  public func tryReceive() throws(Failure) -> Element? {
    try storage.tryReceive()
  }

  /// The next elements if there are any now, in order. It never suspends, and heeds no cancellation.
  ///
  /// - Parameter limit: how many at most; positive.
  /// - Returns: none if there are none. Whether any may still come says ``isFinished``.
  /// - Throws: the failure, once what the channel held is received, and nobody has been told of it.
  @inlinable
  public func tryReceive(upTo limit: Int) throws(Failure) -> [Element] {
    try storage.tryReceive(upTo: limit)
  }

  // MARK: Ending

  /// Ends the channel: consumers still get what it holds, and then nil; producers that wait, and all that come, get
  /// their elements back. Never suspends; once the channel has ended it does nothing.
  @inlinable
  public func finish() {
    storage.end()
  }

  /// Ends the channel with a failure: consumers still get what it holds, and then one of them the failure and all
  /// others nil, or if consumers wait all of these the failure; producers that wait, and all that come, get their
  /// elements back as from a finished channel. Never suspends; once the channel has ended it does nothing.
  @inlinable
  public func fail(_ error: Failure) {
    storage.end(error)
  }

  /// Whether the channel has ended, all that it held has been received, and its failure, if there is one, has been
  /// told.
  @inlinable public var isFinished: Bool {
    storage.isFinished
  }
}

extension ThrowingChannel: AsyncSequence {
  /// Receives one element after another. It holds none, so that a consumer may leave its loop at any time.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let storage: ChannelStorage<Element, Failure>

    @inlinable
    init(storage: ChannelStorage<Element, Failure>) {
      self.storage = storage
    }

    /// As ``ThrowingChannel/next()``.
    @inlinable
    public mutating func next() async throws(Failure) -> Element? {
      try await storage.receive()
    }

    /// As ``ThrowingChannel/next()``, on the actor.
    //
    // With an `isolated` parameter there would be a change of executor before and after each element, as in a loop that
    // is nonsending itself: 70 ns on an executor of one's own.
    @inlinable
    public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws(Failure) -> Element? {
      try await storage.receive()
    }
  }

  /// Each iterator competes for the same elements.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(storage: storage)
  }
}

@available(*, unavailable)
extension ThrowingChannel.Iterator: Sendable {}
