import DequeModule

/// The elements that a channel holds. Their total weight never exceeds the budget.
@usableFromInline
struct ChannelBuffer<Element: Sendable>: Sendable {
  @usableFromInline let budget: Int
  /// Whether elements have individual weights. If not, each weighs 1.
  @usableFromInline let isWeighted: Bool
  @usableFromInline var elements = Deque<Element>()
  /// One weight per element if they have individual weights; empty otherwise.
  @usableFromInline var weights = Deque<Int>()
  /// The sum of `weights`.
  @usableFromInline var load = 0

  @inlinable
  init(budget: Int, isWeighted: Bool) {
    (self.budget, self.isWeighted) = (budget, isWeighted)
  }

  @inlinable var isEmpty: Bool { elements.isEmpty }
  @inlinable var count: Int { elements.count }

  /// The weight that can still be added.
  @inlinable var room: Int { budget - (isWeighted ? load : elements.count) }

  /// - Parameter weights: one per element, or nil if each weighs 1.
  @inlinable
  func fits(_ count: Int, _ weights: [Int]?) -> Bool {
    guard let weights else { return count <= room }
    // Subtracted one by one: their sum may overflow.
    var room = room
    return weights.allSatisfy { weight in
      if weight > room { return false }
      room -= weight
      return true
    }
  }

  @inlinable
  mutating func append(_ element: consuming Element, weight: Int) {
    elements.append(element)
    if isWeighted {
      weights.append(weight)
      load += weight
    }
  }

  /// - Parameter weights: one per element, or nil if each weighs 1.
  @inlinable
  mutating func append(contentsOf elements: [Element], weights: [Int]?) {
    self.elements.append(contentsOf: elements)
    if let weights {
      self.weights.append(contentsOf: weights)
      load += weights.reduce(0, +)
    }
  }

  /// Moves as many of a producer's elements into the buffer as fit, in order.
  @inlinable
  mutating func fill(from pending: inout PendingElements<Element>) {
    if !isWeighted, pending.count > 1 {
      let count = min(room, pending.count)
      elements.append(contentsOf: pending.batch.prefix(count))
      pending.batch.removeFirst(count)
      return
    }
    while pending.firstWeight <= room {
      let weight = pending.firstWeight
      guard let element = pending.popFirst() else { return }
      append(element, weight: weight)
    }
  }

  @inlinable
  mutating func popFirst() -> Element? {
    guard let element = elements.popFirst() else { return nil }
    if isWeighted { load -= weights.removeFirst() }
    return element
  }

  /// - Parameter count: at most the number of elements.
  @inlinable
  mutating func removeFirst(_ count: Int) -> [Element] {
    let removed = Array(elements.prefix(count))
    elements.removeFirst(count)
    if isWeighted {
      load -= weights.prefix(count).reduce(0, +)
      weights.removeFirst(count)
    }
    return removed
  }
}

/// The elements that a producer still has to send: one, which needs no allocation, or several.
@usableFromInline
struct PendingElements<Element: Sendable>: Sendable {
  @usableFromInline var single: Element?
  @usableFromInline var singleWeight: Int
  @usableFromInline var batch: Deque<Element>
  /// One weight per element of the batch; empty if each weighs 1.
  @usableFromInline var batchWeights: Deque<Int>

  @inlinable
  init(_ element: consuming Element, weight: Int) {
    single = consume element
    singleWeight = weight
    batch = []
    batchWeights = []
  }

  /// - Parameter weights: one per element, or nil if each weighs 1.
  @inlinable
  init(_ elements: [Element], weights: [Int]?) {
    (single, singleWeight) = (nil, 0)
    batch = Deque(elements)
    batchWeights = Deque(weights ?? [])
  }

  @inlinable var isEmpty: Bool { single == nil && batch.isEmpty }
  @inlinable var count: Int { single == nil ? batch.count : 1 }
  @inlinable var firstWeight: Int { single == nil ? batchWeights.first ?? 1 : singleWeight }
  @inlinable var elements: [Element] { single.map { [$0] } ?? Array(batch) }

  @inlinable
  mutating func popFirst() -> Element? {
    if let element = single {
      single = nil
      return element
    }
    _ = batchWeights.popFirst()
    return batch.popFirst()
  }

  /// - Parameter count: at most the number of elements.
  @inlinable
  mutating func removeFirst(_ count: Int) -> [Element] {
    if single != nil { return popFirst().map { [$0] } ?? [] }
    let elements = Array(batch.prefix(count))
    batch.removeFirst(count)
    if !batchWeights.isEmpty { batchWeights.removeFirst(count) }
    return elements
  }
}
