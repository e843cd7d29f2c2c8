/// A bounded queue between tasks: many producers, many consumers, each element to exactly one of them.
///
/// A producer suspends while the channel is full, a consumer while it is empty; both are served first come first served. With
/// a capacity of 0 a `send` lasts until a consumer has taken the element.
///
/// Cancellation neither loses nor repeats an element: a cancelled `send` hands back what was not taken over, and a cancelled
/// `next` takes nothing.
///
/// ```swift
/// let lines = Channel<String>(capacity: 64)
/// async let reading: Void = { for await line in lines { print(line) } }()
/// await lines.send("water")
/// lines.finish()
/// await reading
/// ```
public final class Channel<Element: Sendable>: Sendable {
  @usableFromInline let storage: ChannelStorage<Element>

  /// - Parameter capacity: how many elements the channel holds that no consumer has asked for yet; not negative.
  @inlinable
  public init(capacity: Int) {
    precondition(capacity >= 0, "a channel's capacity is not negative")
    storage = ChannelStorage(capacity: capacity)
  }

  /// How a ``send(_:)`` ended.
  public enum SendResult: Sendable {
    /// The channel or a consumer has taken the element over.
    case sent
    /// The task was cancelled first. Here is the element.
    case cancelled(Element)
    /// The channel was finished first. Here is the element.
    case finished(Element)
  }

  /// How a ``send(contentsOf:)`` ended.
  public enum BatchSendResult: Sendable {
    case sent
    /// The task was cancelled. Here are the elements that were not taken over, in order.
    case cancelled([Element])
    /// The channel was finished. Here are the elements that were not taken over, in order.
    case finished([Element])
  }

  /// Sends an element; suspends while the channel is full.
  @discardableResult
  @inlinable
  public func send(_ element: Element) async -> SendResult {
    if storage.offer(element) { return .sent }
    switch await storage.send([element]) {
    case .sent: return .sent
    case .cancelled(let rest): return .cancelled(rest[0])
    case .finished(let rest): return .finished(rest[0])
    }
  }

  /// Sends elements in order, under one lock as far as there is room; suspends until the channel has taken them all. If
  /// others send at the same time theirs may come in between.
  @discardableResult
  @inlinable
  public func send(contentsOf elements: [Element]) async -> BatchSendResult {
    elements.isEmpty ? .sent : await storage.send(elements)
  }

  /// The next element; suspends while there is none. Nil once the channel is finished and empty, or if the
  /// task is cancelled while it waits.
  @inlinable
  public func next() async -> Element? {
    if let element = storage.takeOne() { return element }
    return await storage.receive(upTo: 1).first
  }

  /// The next elements, in order: at least one and at most `limit`, however many there are; suspends while there is none.
  /// Empty once the channel is finished and empty, or if the task is cancelled while it waits.
  @inlinable
  public func receive(upTo limit: Int) async -> [Element] {
    precondition(limit > 0, "nothing can be received")
    return await storage.receive(upTo: limit)
  }

  /// As ``receive(upTo:)``, but leaves something for the others: no more than the `parts`-th part of what is there.
  @inlinable
  func receiveShare(of parts: Int, upTo limit: Int) async -> [Element] {
    await storage.receive(upTo: limit, parts: parts)
  }

  /// As ``receiveShare(of:upTo:)``, without suspending.
  @inlinable
  func tryReceiveShare(of parts: Int, upTo limit: Int) -> [Element] {
    storage.tryReceive(upTo: limit, parts: parts)
  }

  /// The next element if there is one now, without suspending.
  @inlinable
  public func tryNext() -> Element? {
    storage.takeOne() ?? storage.tryReceive(upTo: 1).first
  }

  /// The next elements if there are any now, without suspending.
  @inlinable
  public func tryReceive(upTo limit: Int) -> [Element] {
    storage.tryReceive(upTo: limit)
  }

  /// Ends the channel: consumers still get what it holds, and then nil; producers that wait, and all that come, get their
  /// elements back.
  @inlinable
  public func finish() {
    storage.finish()
  }
}

extension Channel: AsyncSequence {
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let channel: Channel

    @inlinable
    init(channel: Channel) {
      self.channel = channel
    }

    @inlinable
    public mutating func next() async -> Element? {
      await channel.next()
    }

    @inlinable
    public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
      await channel.next()
    }
  }

  /// Each iterator competes for the same elements.
  @inlinable
  public func makeAsyncIterator() -> Iterator {
    Iterator(channel: self)
  }
}
