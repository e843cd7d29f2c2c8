import Synchronization

/// What bounds the elements that wait behind a stage, where the caller has not given a bound.
@usableFromInline
enum QueueBound: Sendable {
  /// Their number, which follows from their type.
  case byType
  /// Their number, which the stage has given: elements of this type are small although they have references.
  case byCount(Int, of: Any.Type)
  /// Their weight: the stage is a buffer with a bound in bytes.
  case byWeight(WeightInHand)
  /// One or two: there is such a buffer before the stage, and what has become of its elements may have any weight.
  case few

  /// How many bytes of elements without references wait at most. A guess: a fraction of a processor's cache.
  @inlinable static var plainBytes: Int { 256 << 10 }
  /// How many elements with references wait at most. Any of them may hold a megabyte, and with fewer in the queue an
  /// empty closure behind it costs twice as much (`Benchmarks pipeline`).
  @inlinable static var unknownCount: Int { 32 }

  /// One in the queue, and one that is taken from it.
  @inlinable static var fewCount: Int { 2 }

  /// The bound behind a further stage.
  @inlinable var behind: QueueBound {
    isByNumber ? .byType : .few
  }

  /// Whether no buffer before bounds the elements by their weight.
  @inlinable var isByNumber: Bool {
    switch self {
    case .byType, .byCount: true
    case .byWeight, .few: false
    }
  }

  /// The bound behind a stage with several inputs.
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
    // A type tells no more about its size in memory than whether it is trivial.
    if !_isPOD(type) { return min(count, Self.unknownCount) }
    return max(1, min(count, Self.plainBytes / max(1, MemoryLayout<Element>.stride)))
  }
}

/// The weight of the element that a buffer's task is handing over.
@usableFromInline
final class WeightInHand: Sendable {
  /// The bound of the next stage's queue.
  @usableFromInline let budget: Int
  private let weight = Atomic<Int>(0)

  @usableFromInline
  init(budget: Int) {
    self.budget = budget
  }

  /// Set and read only by the buffer's task.
  @usableFromInline var value: Int {
    get { weight.load(ordering: .relaxed) }
    set { weight.store(newValue, ordering: .relaxed) }
  }
}
