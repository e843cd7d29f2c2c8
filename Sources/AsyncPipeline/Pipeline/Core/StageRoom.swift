/// How a stage with one task divides the elements that it may hold between its queue and its hands.
///
/// The task takes what it can hold, and hands it all on before it takes more; so the two together are the limit
/// exactly.
@usableFromInline
struct StageRoom: Sendable {
  /// How many elements a stage holds, if they are small, that needs a queue only because it has a task. A guess: while
  /// the task hands one half on, the other is filled.
  @inlinable static var usualLimit: Int { 64 }
  /// How many small elements wait for a sink or are in its hands. A guess: twenty batches.
  @inlinable static var sinkLimit: Int { 1280 }
  /// How many elements a sink takes at once at most. A guess: four batches.
  @inlinable static var sinkHand: Int { 256 }

  @inlinable
  static func usual<Element>(behind bound: QueueBound, of type: Element.Type) -> StageRoom {
    StageRoom(for: bound.limit(usualLimit, of: type))
  }

  /// The capacity of the queue.
  @usableFromInline let queue: Int
  /// How many elements the task takes at once; also how many are to be handed to the stage together, if that is no more
  /// than a batch.
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

extension Inlet {
  /// At least one element and at most `limit`, nil at the end. Throws if the task is cancelled while it waits.
  @inlinable
  func next(upTo limit: Int) async throws -> [Element]? {
    let batch = await receive(upTo: limit)
    if !batch.isEmpty { return batch }
    try Task.checkCancellation()
    return nil
  }

  /// Passes on all that comes, by at most `limit` elements that are handed over before more are taken.
  @inlinable
  func forward(upTo limit: Int, to emitter: Emitter<Element>) async throws {
    while let batch = try await next(upTo: limit) {
      try await emitter.emit(contentsOf: batch)
      try await emitter.flush()
    }
  }
}
