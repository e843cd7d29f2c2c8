/// Puts finished elements back into the order of their numbers: a ring of places, the first of which is the next to
/// leave.
///
/// A plain value; ``OrderedExit`` locks it. What waits in it, and what was taken from it and is still on its way, is
/// bounded by its size, because nothing is admitted whose place is not free.
@usableFromInline
struct ReorderWindow<Element> {
  @usableFromInline
  enum Place {
    case open
    /// Nil for an element that was left out.
    case finished(Element?)
  }

  @usableFromInline var places: [Place]
  /// The number of the next element to leave.
  @usableFromInline var head = 0
  /// The number of the next element to be admitted.
  @usableFromInline var tail = 0
  /// Those below this number have given up their places.
  @usableFromInline var firstInPlace = 0
  /// How many places from the head on are finished without a gap; known as far as anyone has looked.
  @usableFromInline var readyCount = 0

  @inlinable
  init(size: Int) {
    precondition(size > 0, "a window has room for at least one element")
    places = Array(repeating: .open, count: size)
  }

  @inlinable var size: Int { places.count }
  @inlinable var freeCount: Int { size - (tail - firstInPlace) }

  /// Those that have an output and have not left.
  @inlinable var finishedCount: Int {
    places.count { if case .finished(.some) = $0 { true } else { false } }
  }

  /// Numbers for `count` elements, or nil as long as there are not so many places.
  @inlinable
  mutating func admit(_ count: Int) -> Range<Int>? {
    precondition(count <= size, "more elements than the window will ever have places for")
    if count > freeCount { return nil }
    defer { tail += count }
    return tail..<tail + count
  }

  @inlinable
  mutating func finish(_ number: Int, _ element: Element?) {
    precondition(number >= head && number < tail, "the element was admitted and has not left")
    places[number % size] = .finished(element)
    while head + readyCount < tail, case .finished = places[(head + readyCount) % size] { readyCount += 1 }
  }

  /// Lets those leave that nothing is missing before. They keep their places until ``freePlaces()``.
  @inlinable
  mutating func takeReady() -> [Element] {
    var ready: [Element] = []
    ready.reserveCapacity(readyCount)
    for _ in 0..<readyCount {
      if case .finished(let element?) = places[head % size] { ready.append(element) }
      places[head % size] = .open
      head += 1
    }
    readyCount = 0
    return ready
  }

  /// As ``takeReady()`` where one is ready. Nil if it was left out.
  @inlinable
  mutating func takeOneReady() -> Element? {
    let place = head % size
    defer {
      places[place] = .open
      head += 1
      readyCount = 0
    }
    if case .finished(let element) = places[place] { return element }
    return nil
  }

  /// Those that were taken are where they were to go.
  @inlinable
  mutating func freePlaces() {
    firstInPlace = head
  }
}
