import Synchronization

/// A number that tasks count up together.
public final class Counter: Sendable {
  private let number = Atomic<Int>(0)

  public init() {}

  public var value: Int { number.load(ordering: .sequentiallyConsistent) }

  /// Returns what it was before.
  @discardableResult
  public func add(_ count: Int = 1) -> Int { number.add(count, ordering: .sequentiallyConsistent).oldValue }
}
