/// The elements that have arrived since the last batch.
@usableFromInline
struct OpenBatch<Element> {
  @usableFromInline let countLimit: Int
  @usableFromInline let weightLimit: Int
  @usableFromInline var elements: [Element] = []
  /// The total weight. Never exceeds the limit, unless there is a single element that does.
  @usableFromInline var weight = 0

  @inlinable
  init(countLimit: Int, weightLimit: Int) {
    (self.countLimit, self.weightLimit) = (countLimit, weightLimit)
  }

  @inlinable var count: Int { elements.count }
  @inlinable var isEmpty: Bool { elements.isEmpty }
  @inlinable var isFull: Bool { elements.count >= countLimit || weight >= weightLimit }

  /// Whether the batch stays within its limits with one more element of this weight. An empty batch takes any element.
  @inlinable
  func hasRoom(for weight: Int) -> Bool {
    isEmpty || (elements.count < countLimit && weight <= weightLimit - self.weight)
  }

  /// - Parameter weight: the batch must have room for it.
  @inlinable
  mutating func append(_ element: Element, weight: Int) {
    elements.append(element)
    self.weight += weight
  }

  /// Returns the elements, and empties the batch.
  @inlinable
  mutating func take() -> [Element] {
    weight = 0
    return elements.takeAll()
  }
}
