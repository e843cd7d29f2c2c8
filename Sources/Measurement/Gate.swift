/// A count that must not grow: one that repeats from run to run, as times do not.
package struct Gate: Codable, Hashable, Sendable {
  /// Such as `uring.enters`.
  package let name: String
  package let count: Double
  /// The most that the count may be.
  package let limit: Double

  package init(_ name: String, count: Double, limit: Double) {
    (self.name, self.count, self.limit) = (name, count, limit)
  }

  /// What is no number is beyond every limit.
  package var isExceeded: Bool { !(count <= limit) }

  /// Says what is wrong, on one line.
  package var complaint: String { "\(name) is \(Self.text(count)), and may be \(Self.text(limit)) at most" }

  static func text(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\((value * 1e4).rounded() / 1e4)"
  }
}
