/// How a stage with one task divides the elements that it may hold between its queue and the batch that the task takes.
///
/// The task passes on its whole batch before it takes another, so that the sum of the two is the limit exactly.
@usableFromInline
struct StageBudget: Sendable {
  /// How many small elements a stage holds that needs a queue only because it has a task. A guess: while the task
  /// passes on one half, the other is filled.
  @inlinable static var usualLimit: Int { 64 }
  /// How many small elements a sink holds. A guess: twenty batches.
  @inlinable static var sinkLimit: Int { 1280 }
  /// How many elements a sink takes at once at most. A guess: four batches.
  @inlinable static var sinkHand: Int { 256 }

  @inlinable
  static func usual<Element>(behind bound: QueueBound, of type: Element.Type) -> StageBudget {
    StageBudget(for: bound.limit(usualLimit, of: type))
  }

  /// The capacity of the queue.
  @usableFromInline let queue: Int
  /// How many elements the task takes at once. The stage before hands over as many together, or a batch if that is
  /// less.
  @usableFromInline let hand: Int

  /// - Parameters:
  ///   - limit: how many elements the stage may hold; with 0 it holds only the element that it works on.
  ///   - mostInHand: how many it takes at once at most.
  @inlinable
  init(for limit: Int, mostInHand: Int = BatchBuffer<Void>.defaultSize) {
    hand = max(1, min(mostInHand, (limit + 1) / 2))
    queue = max(0, limit - hand)
  }
}
