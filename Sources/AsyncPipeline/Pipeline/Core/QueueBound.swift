import Synchronization

/// What bounds the elements that wait behind a stage, where the caller has not said it.
@usableFromInline
enum QueueBound: Sendable {
  /// Their number, which follows from their type.
  case byType
  /// Their number, which the stage has said: elements of this type are small although they have references.
  case byCount(Int, of: Any.Type)
  /// What they weigh: the stage is a buffer with a bound in bytes.
  case byWeight(WeightInHand)
  /// One or two: somewhere before the stage there is such a buffer, and what its elements weigh by now is not known.
  case few

  /// How many elements without references wait at most, in bytes. A guess: a fraction of a processor's cache.
  @inlinable static var plainBytes: Int { 256 << 10 }
  /// How many elements with references wait at most. Any of them may hold a megabyte, and with fewer in the queue an
  /// empty closure behind it costs twice as much (`Benchmarks pipeline`).
  @inlinable static var unknownCount: Int { 32 }

  /// One for the queue and one to take from it.
  @inlinable static var fewCount: Int { 2 }

  /// Behind a further stage.
  @inlinable var behind: QueueBound {
    isByNumber ? .byType : .few
  }

  /// Whether nothing before bounds the elements by their weight.
  @inlinable var isByNumber: Bool {
    switch self {
    case .byType, .byCount: true
    case .byWeight, .few: false
    }
  }

  /// Behind several stages.
  @inlinable
  static func behind(_ bounds: [QueueBound]) -> QueueBound {
    for bound in bounds { if case .few = bound.behind { return .few } }
    return .byType
  }

  /// How many elements may wait.
  ///
  /// - Parameter count: for small ones.
  @inlinable
  func limit<Element>(_ count: Int, of type: Element.Type) -> Int {
    if case .byCount(let known, let knownType) = self, knownType == type { return min(count, known) }
    guard isByNumber else { return min(count, Self.fewCount) }
    // Whether it is trivial is all that a type tells of what it holds.
    if !_isPOD(type) { return min(count, Self.unknownCount) }
    return max(1, min(count, Self.plainBytes / max(1, MemoryLayout<Element>.stride)))
  }
}

/// What the element weighs that a buffer's task is just handing on.
@usableFromInline
final class WeightInHand: Sendable {
  /// What the elements in the queue of the next stage weigh together at most.
  @usableFromInline let budget: Int
  private let weight = Atomic<Int>(0)

  @usableFromInline
  init(budget: Int) {
    self.budget = budget
  }

  /// Set and read by the buffer's task alone.
  @usableFromInline var value: Int {
    get { weight.load(ordering: .relaxed) }
    set { weight.store(newValue, ordering: .relaxed) }
  }
}
