import DequeModule
import Synchronization

/// The workers of one executor, seen from the stage: where they get their elements, and where they leave what they finished.
///
/// Elements come to a lane and leave it by the batch, so that many workers do not stand in line at the same two locks; within
/// the lane each takes one at a time. A worker that takes an element wakes one more, for the next element or for the next batch,
/// which gets its turn when the first must wait for something: where nothing makes them wait a few workers, with warm buffers,
/// do all the work, and where everything does all of them are at it soon.
@usableFromInline
final class WorkerLane<Item: Sendable, Output: Sendable>: Sendable {
  @usableFromInline typealias Finished = (number: Int, output: Output?)

  @usableFromInline
  struct State {
    @usableFromInline var items = Deque<Item>()
    @usableFromInline var finished: [Finished] = []
    /// Workers with nothing to do; the last to come is the first to be woken. There are some only while another refills.
    @usableFromInline var parked: [UnsafeContinuation<Void, Never>] = []
    @usableFromInline var isRefilling = false
    @usableFromInline var isAtEnd = false

    @inlinable
    init() {}
  }

  /// Elements that come and leave together.
  @usableFromInline let batchSize: Int
  /// How many workers share the channel, on all lanes: a batch leaves something for the others.
  @usableFromInline let parts: Int
  @usableFromInline let channel: Channel<Item>
  @usableFromInline let state = Mutex(State())

  @inlinable
  init(channel: Channel<Item>, batchSize: Int, parts: Int) {
    (self.channel, self.batchSize, self.parts) = (channel, batchSize, parts)
  }

  // MARK: Taking

  @usableFromInline
  enum Step {
    case item(Item, wake: UnsafeContinuation<Void, Never>?)
    case mustRefill, mustWait, atEnd
  }

  /// The next element if the lane or the channel has one now.
  @inlinable
  func tryNext() -> Item? {
    switch step() {
    case .item(let item, let wake):
      wake?.resume()
      return item
    case .mustWait, .atEnd: return nil
    case .mustRefill:
      let batch = channel.tryReceiveShare(of: parts, upTo: batchSize)
      refill(batch, isAtEnd: false)
      return batch.isEmpty ? nil : tryNext()
    }
  }

  /// The next element; suspends while there is none. Nil at the end.
  @inlinable
  func next() async -> Item? {
    while true {
      switch step() {
      case .item(let item, let wake):
        wake?.resume()
        return item
      case .atEnd: return nil
      case .mustWait: await park()
      case .mustRefill:
        let batch = await channel.receiveShare(of: parts, upTo: batchSize)
        refill(batch, isAtEnd: batch.isEmpty)
      }
    }
  }

  @inlinable
  func step() -> Step {
    state.withLock { state in
      if let item = state.items.popFirst() {
        return .item(item, wake: state.parked.popLast())
      }
      if state.isAtEnd { return .atEnd }
      if state.isRefilling { return .mustWait }
      state.isRefilling = true
      return .mustRefill
    }
  }

  /// What the worker that refills has brought. If it is nothing, somebody else must try; at the end everybody may go.
  @inlinable
  func refill(_ batch: [Item], isAtEnd: Bool) {
    let woken = state.withLock { state in
      state.isRefilling = false
      state.items.append(contentsOf: batch)
      if isAtEnd { state.isAtEnd = true }
      if isAtEnd { return state.parked.takeAll() }
      return batch.isEmpty ? state.parked.popLast().map { [$0] } ?? [] : []
    }
    for continuation in woken { continuation.resume() }
  }

  @inlinable
  func park() async {
    await withUnsafeContinuation { continuation in
      let mustWait = state.withLock { state in
        if !state.isRefilling || state.isAtEnd { return false }
        state.parked.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
  }

  /// For a worker that leaves with an error: those that are parked must not wait for it.
  @inlinable
  func abandon() {
    refill([], isAtEnd: true)
  }

  // MARK: Leaving

  /// Leaves a finished element. The batch that is due, if that completed one.
  @inlinable
  func leave(_ finished: Finished) -> [Finished] {
    state.withLock { state in
      state.finished.append(finished)
      return state.finished.count < batchSize ? [] : state.finished.takeAll()
    }
  }

  /// What has been left so far.
  @inlinable
  func takeFinished() -> [Finished] {
    state.withLock { $0.finished.takeAll() }
  }
}

extension Array {
  @inlinable
  mutating func takeAll() -> [Element] {
    defer { self = [] }
    return self
  }
}
