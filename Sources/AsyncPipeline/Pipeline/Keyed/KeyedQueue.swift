import DequeModule

/// Elements that wait, of which no two with one key are given out at the same time: a line for each key.
///
/// A plain value; ``KeyedWorkQueue`` locks it.
@usableFromInline
struct KeyedQueue<Key: Hashable, Element> {
  @usableFromInline typealias Entry = (key: Key, element: Element)

  /// Those that may be given out: of each key at most one, and none of a key that is at work.
  @usableFromInline var ready = Deque<Entry>()
  /// Who waits behind an element of the same key that is ready or at work; that has a line, empty or not.
  @usableFromInline var lines: [Key: Deque<Element>] = [:]
  /// Those that wait, and those that are at work.
  @usableFromInline var count = 0
  /// Those that wait.
  @usableFromInline var waitingCount = 0

  @inlinable
  init() {}

  @inlinable
  mutating func append(_ element: Element, key: Key) {
    count += 1
    waitingCount += 1
    if lines[key]?.append(element) == nil {
      lines[key] = []
      ready.append((key, element))
    }
  }

  /// Gives out the element that has been ready for longest. Its key is at work until ``finish(_:)``.
  @inlinable
  mutating func popReady() -> Entry? {
    guard let entry = ready.popFirst() else { return nil }
    waitingCount -= 1
    return entry
  }

  /// The element of this key that was given out is done: the next one in its line is ready.
  @inlinable
  mutating func finish(_ key: Key) {
    count -= 1
    if let next = lines[key]?.popFirst() {
      ready.append((key, next))
    } else {
      lines[key] = nil
    }
  }
}
