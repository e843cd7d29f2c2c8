/// The elements that came since the last batch.
@usableFromInline
struct OpenBatch<Element> {
  @usableFromInline let countLimit: Int
  @usableFromInline let weightLimit: Int
  @usableFromInline var elements: [Element] = []
  /// Together. As long as there is room, no more than the limit.
  @usableFromInline var weight = 0

  @inlinable
  init(countLimit: Int, weightLimit: Int) {
    (self.countLimit, self.weightLimit) = (countLimit, weightLimit)
  }

  @inlinable var count: Int { elements.count }
  @inlinable var isEmpty: Bool { elements.isEmpty }
  @inlinable var isFull: Bool { elements.count >= countLimit || weight >= weightLimit }

  /// Whether the batch keeps its limits with one more element of this weight. An empty one takes any.
  @inlinable
  func hasRoom(for weight: Int) -> Bool {
    isEmpty || (elements.count < countLimit && weight <= weightLimit - self.weight)
  }

  /// - Parameter weight: the batch has room for it.
  @inlinable
  mutating func append(_ element: Element, weight: Int) {
    elements.append(element)
    self.weight += weight
  }

  /// The batch, which is empty afterwards.
  @inlinable
  mutating func take() -> [Element] {
    weight = 0
    return elements.takeAll()
  }
}
