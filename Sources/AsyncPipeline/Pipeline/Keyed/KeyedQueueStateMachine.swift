import DequeModule

/// The elements of a stage in an order by keys, and what its workers do: a value that takes an event and returns an
/// action. It neither locks nor resumes.
///
/// A worker that finds no element ready fetches as many as there is room for; the others park. A worker that takes an
/// element has a parked worker resumed if there may be work for it.
///
/// Invariant: unless a worker is about to take or is fetching, no worker is parked beside a ready element, or beside
/// room for elements to fetch.
@usableFromInline
struct KeyedQueueStateMachine<Key: Hashable, Element, Worker> {
  @usableFromInline typealias Entry = KeyedQueue<Key, Element>.Entry
  @usableFromInline typealias Supply = WorkQueueStateMachine<Element, Worker>.Supply

  /// How many elements may be at work or wait here.
  @usableFromInline let limit: Int
  @usableFromInline var queue = KeyedQueue<Key, Element>()
  /// Idle workers; the last to park is resumed first.
  @usableFromInline var parked: [Worker] = []
  @usableFromInline var supply = Supply.open

  /// - Parameter limit: at least the number of workers.
  @inlinable
  init(limit: Int) {
    self.limit = limit
  }

  @inlinable var waitingCount: Int { queue.waitingCount }

  @usableFromInline
  enum TakeAction {
    /// The caller resumes the worker, and calls ``finish(_:)`` when the element has left the stage.
    case entry(Entry, resume: Worker?)
    /// The caller fetches elements and passes them to ``supply(_:)``.
    case fetch(upTo: Int)
    /// The caller parks: see ``park(_:)``.
    case park
    /// Elements may still wait. They are for the workers that have their keys at work.
    case end
  }

  @inlinable
  mutating func take() -> TakeAction {
    if let entry = queue.popReady() { return .entry(entry, resume: hasWork ? parked.popLast() : nil) }
    if case .ended = supply { return .end }
    if !canFetch { return .park }
    supply = .fetching
    return .fetch(upTo: limit - queue.count)
  }

  @inlinable var hasWork: Bool { !queue.ready.isEmpty || canFetch }

  @inlinable var canFetch: Bool {
    if case .open = supply { queue.count < limit } else { false }
  }

  /// Ends a fetch with at least one element. The caller takes next, and has others resumed.
  @inlinable
  mutating func supply(_ batch: [Entry]) {
    for (key, element) in batch { queue.append(element, key: key) }
    if case .fetching = supply { supply = .open }
  }

  /// No further elements come: the input has ended, or a worker fails.
  ///
  /// - Returns: the workers to resume.
  @inlinable
  mutating func end() -> [Worker] {
    supply = .ended
    return parked.takeAll()
  }

  /// - Returns: whether the worker is parked; if not it takes again at once.
  @inlinable
  mutating func park(_ worker: Worker) -> Bool {
    if case .ended = supply { return false }
    if hasWork { return false }
    parked.append(worker)
    return true
  }

  /// The element of this key has left the stage. The caller takes next: no worker is resumed.
  @inlinable
  mutating func finish(_ key: Key) {
    queue.finish(key)
  }
}
