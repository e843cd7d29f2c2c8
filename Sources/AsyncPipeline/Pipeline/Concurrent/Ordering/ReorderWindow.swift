/// Puts finished elements back into the order of their numbers: a ring of slots, the first of which leaves next.
///
/// A plain value; ``ReorderBuffer`` locks it. An element is admitted only while its slot is free, so that the size
/// bounds all admitted elements, including those that were taken and have not been passed on yet.
@usableFromInline
struct ReorderWindow<Element> {
  @usableFromInline
  enum Slot {
    case open
    /// Nil for an element that was dropped.
    case finished(Element?)
  }

  @usableFromInline var slots: [Slot]
  /// The number of the next element to leave.
  @usableFromInline var head = 0
  /// The number of the next element to be admitted.
  @usableFromInline var tail = 0
  /// The slots of the elements below this number are free.
  @usableFromInline var firstInUse = 0
  /// How many slots from the head on are finished without a gap.
  @usableFromInline var readyCount = 0

  @inlinable
  init(size: Int) {
    precondition(size > 0, "a window has room for at least one element")
    slots = Array(repeating: .open, count: size)
  }

  @inlinable var size: Int { slots.count }
  @inlinable var freeCount: Int { size - (tail - firstInUse) }

  /// How many elements have an output and have not left.
  @inlinable var finishedCount: Int {
    slots.count { if case .finished(.some) = $0 { true } else { false } }
  }

  /// Numbers for `count` elements. Nil if there are fewer free slots.
  @inlinable
  mutating func admit(_ count: Int) -> Range<Int>? {
    precondition(count <= size, "the window will never have so many free slots")
    if count > freeCount { return nil }
    defer { tail += count }
    return tail..<tail + count
  }

  @inlinable
  mutating func finish(_ number: Int, _ element: Element?) {
    precondition(number >= head && number < tail, "the element was admitted and has not left")
    slots[number % size] = .finished(element)
    while head + readyCount < tail, case .finished = slots[(head + readyCount) % size] { readyCount += 1 }
  }

  /// Takes the elements before which none is missing. Their slots are in use until ``freeSlots()``.
  @inlinable
  mutating func takeReady() -> [Element] {
    var ready: [Element] = []
    ready.reserveCapacity(readyCount)
    for _ in 0..<readyCount {
      if case .finished(let element?) = slots[head % size] { ready.append(element) }
      slots[head % size] = .open
      head += 1
    }
    readyCount = 0
    return ready
  }

  /// As ``takeReady()`` where one is ready. Nil if it was dropped.
  @inlinable
  mutating func takeOneReady() -> Element? {
    let slot = head % size
    defer {
      slots[slot] = .open
      head += 1
      readyCount = 0
    }
    if case .finished(let element) = slots[slot] { return element }
    return nil
  }

  /// The elements that were taken have been passed on.
  @inlinable
  mutating func freeSlots() {
    firstInUse = head
  }
}
