import DequeModule

/// Elements that wait for workers, with a queue for each key: two elements of one key are never at work at the same
/// time.
///
/// A plain value, part of ``KeyedQueueStateMachine``.
@usableFromInline
struct KeyedQueue<Key: Hashable, Element> {
  @usableFromInline typealias Entry = (key: Key, element: Element)

  /// Elements that may be taken: at most one of each key, and none of a key that is at work.
  @usableFromInline var ready = Deque<Entry>()
  /// Elements that wait behind one of the same key that is ready or at work. Each such key has a queue, empty or not.
  @usableFromInline var waiting: [Key: Deque<Element>] = [:]
  /// How many elements wait or are at work.
  @usableFromInline var count = 0
  /// How many elements wait, ready or not.
  @usableFromInline var waitingCount = 0

  @inlinable
  init() {}

  @inlinable
  mutating func append(_ element: Element, key: Key) {
    count += 1
    waitingCount += 1
    if waiting[key]?.append(element) == nil {
      waiting[key] = []
      ready.append((key, element))
    }
  }

  /// Takes the element that has been ready for longest. Its key is at work until ``finish(_:)``.
  @inlinable
  mutating func popReady() -> Entry? {
    guard let entry = ready.popFirst() else { return nil }
    waitingCount -= 1
    return entry
  }

  /// The element of this key that was taken is done: the next one of the key is ready.
  @inlinable
  mutating func finish(_ key: Key) {
    count -= 1
    if let next = waiting[key]?.popFirst() {
      ready.append((key, next))
    } else {
      waiting[key] = nil
    }
  }
}
