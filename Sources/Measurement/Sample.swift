/// The measurements of one quantity, such as the seconds of repeated runs: at least one, all finite.
///
/// It is summed up by its median and extremes, not by a mean: the time of a run has a floor and a long tail, and one
/// run that something else disturbed should not move the figure.
package struct Sample: Equatable, Sendable {
  /// In ascending order.
  package let sorted: [Double]

  /// Nothing comes of no values, or of one that is infinite or not a number.
  package init?(_ values: [Double]) {
    if values.isEmpty || !values.allSatisfy(\.isFinite) { return nil }
    sorted = values.sorted()
  }

  package var count: Int { sorted.count }
  package var minimum: Double { sorted[0] }
  package var maximum: Double { sorted[count - 1] }

  /// With x₁ ≤ … ≤ xₙ: x₍ₙ₊₁₎⁄₂ when n is odd, and (xₙ⁄₂ + xₙ⁄₂₊₁) ⁄ 2 when it is even.
  package var median: Double {
    let middle = count / 2
    if !count.isMultiple(of: 2) { return sorted[middle] }
    // Halved first, so that the sum cannot overflow.
    return sorted[middle - 1] / 2 + sorted[middle] / 2
  }

  /// How many times the other sample's median this one's is: median(self) ⁄ median(other). For seconds, a ratio above 1
  /// says that `other` was faster. `nil` unless the other median is positive.
  package func ratioOfMedians(to other: Sample) -> Double? {
    other.median > 0 ? median / other.median : nil
  }
}
