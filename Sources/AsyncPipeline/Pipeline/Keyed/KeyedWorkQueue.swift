import Synchronization

/// The work queue of a stage in an order by keys, which all its workers share.
@usableFromInline
final class KeyedWorkQueue<Key: Hashable & Sendable, Element: Sendable>: Sendable {
  @usableFromInline typealias Machine = KeyedQueueStateMachine<Key, Element, UnsafeContinuation<Void, Never>>

  @usableFromInline let input: StageInputQueue<Element>
  @usableFromInline let key: @Sendable (Element) -> Key
  @usableFromInline let state: Mutex<Machine>

  /// - Parameter limit: how many elements may be at work or wait here; at least the number of workers.
  @inlinable
  init(input: StageInputQueue<Element>, limit: Int, key: @escaping @Sendable (Element) -> Key) {
    (self.input, self.key) = (input, key)
    state = Mutex(Machine(limit: limit))
  }

  /// The next element whose key is not at work; it is from then on, until ``finish(_:)``. Suspends while there is none.
  /// Nil at the end, and if the task that fetches is cancelled.
  @inlinable
  func next() async -> Machine.Entry? {
    while true {
      switch state.withLock({ $0.take() }) {
      case .entry(let entry, let worker):
        worker?.resume()
        return entry
      case .end: return nil
      case .park: await input.stage.starved.measure { await park() }
      case .fetch(let room):
        let batch = await input.receive(upTo: room).handOver()
        let entries = batch.map { (key: key($0), element: $0) }
        if entries.isEmpty { end() } else { state.withLock { $0.supply(entries) } }
      }
    }
  }

  @inlinable
  func park() async {
    await withUnsafeContinuation { continuation in
      let isParked = state.withLock { $0.park(continuation) }
      if !isParked { continuation.resume() }
    }
  }

  /// The element of this key has left the stage. The caller asks for the ``next()`` one.
  @inlinable
  func finish(_ key: Key) {
    state.withLock { $0.finish(key) }
  }

  /// Releases the parked workers, for a worker that leaves with an error.
  @inlinable
  func end() {
    for worker in state.withLock({ $0.end() }) { worker.resume() }
  }

  /// How many elements wait here.
  @inlinable var remaining: Int { state.withLock { $0.waitingCount } }
}
