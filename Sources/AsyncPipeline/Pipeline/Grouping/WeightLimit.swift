/// What elements weigh, and how much of them may come together.
public struct WeightLimit<Element>: Sendable {
  @usableFromInline let limit: Int
  @usableFromInline let weight: @Sendable (Element) -> Int

  /// - Parameters:
  ///   - limit: positive, in the unit of `weight`.
  ///   - weight: of an element; not negative. It is called once for each.
  @inlinable
  public static func atMost(_ limit: Int, _ weight: @escaping @Sendable (Element) -> Int) -> WeightLimit {
    precondition(limit > 0, "a weight limit is positive")
    return WeightLimit(limit: limit, weight: weight)
  }

  @inlinable
  init(limit: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.limit, self.weight) = (limit, weight)
  }
}
