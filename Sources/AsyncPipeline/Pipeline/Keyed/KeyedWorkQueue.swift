import DequeModule
import Synchronization

/// Where the workers of a stage get their elements if those of one key must not be at work at the same time.
///
/// The worker that finds nothing to do fetches elements from the inlet, as many as there is room for; the others park.
/// One that takes an element wakes one more, if there is something for it to do.
@usableFromInline
final class KeyedWorkQueue<Key: Hashable & Sendable, Element: Sendable>: Sendable {
  @usableFromInline
  struct State {
    @usableFromInline var queue = KeyedQueue<Key, Element>()
    @usableFromInline var parked: [UnsafeContinuation<Void, Never>] = []
    @usableFromInline var isRefilling = false
    @usableFromInline var isAtEnd = false

    @inlinable
    init() {}
  }

  @usableFromInline
  enum Step {
    case entry(KeyedQueue<Key, Element>.Entry, wake: UnsafeContinuation<Void, Never>?)
    case mustRefill(upTo: Int)
    case mustWait, atEnd
  }

  @usableFromInline let inlet: StageInputQueue<Element>
  @usableFromInline let key: @Sendable (Element) -> Key
  /// How many elements may be at work or wait here.
  @usableFromInline let limit: Int
  @usableFromInline let state = Mutex(State())

  /// - Parameter limit: at least the number of workers.
  @inlinable
  init(inlet: StageInputQueue<Element>, limit: Int, key: @escaping @Sendable (Element) -> Key) {
    (self.inlet, self.limit, self.key) = (inlet, limit, key)
  }

  /// The next element whose key is not at work, which is at work from then on; suspends while there is none. Nil at the
  /// end: what may still wait then is left to those who have its keys at work.
  @inlinable
  func next() async -> KeyedQueue<Key, Element>.Entry? {
    while true {
      switch step() {
      case .entry(let entry, let wake):
        wake?.resume()
        return entry
      case .atEnd: return nil
      case .mustWait: await inlet.stage.starved.measure { await park() }
      case .mustRefill(let room):
        let batch = await inlet.receive(upTo: room).handOver()
        refill(batch.map { (key($0), $0) }, isAtEnd: batch.isEmpty)
      }
    }
  }

  @inlinable
  func step() -> Step {
    state.withLock { state in
      if let entry = state.queue.popReady() {
        // One more can do something if there is another element, or somebody must go for more.
        let isWorthIt = !state.queue.ready.isEmpty || (!state.isRefilling && state.queue.count < limit)
        return .entry(entry, wake: isWorthIt ? state.parked.popLast() : nil)
      }
      if state.isAtEnd { return .atEnd }
      if state.isRefilling || state.queue.count >= limit { return .mustWait }
      state.isRefilling = true
      return .mustRefill(upTo: limit - state.queue.count)
    }
  }

  /// What the worker that refills has brought; nothing at the end.
  @inlinable
  func refill(_ batch: [KeyedQueue<Key, Element>.Entry], isAtEnd: Bool) {
    let woken = state.withLock { state in
      state.isRefilling = false
      for (key, element) in batch { state.queue.append(element, key: key) }
      if isAtEnd { state.isAtEnd = true }
      return isAtEnd ? state.parked.takeAll() : []
    }
    for continuation in woken { continuation.resume() }
  }

  @inlinable
  func park() async {
    await withUnsafeContinuation { continuation in
      let mustWait = state.withLock { state in
        let hasNothing = state.queue.ready.isEmpty && (state.isRefilling || state.queue.count >= limit)
        if !hasNothing || state.isAtEnd { return false }
        state.parked.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
  }

  /// An element of this key has left the stage. Whoever finished it must ask for the ``next()`` one: nobody is woken
  /// for it.
  @inlinable
  func finish(_ key: Key) {
    state.withLock { $0.queue.finish(key) }
  }

  /// For a worker that leaves with an error: those that are parked must not wait for it.
  @inlinable
  func abandon() {
    refill([], isAtEnd: true)
  }

  /// How many have been taken from the queue and not been given out.
  @inlinable var unfinished: Int { state.withLock { $0.queue.waitingCount } }
}
