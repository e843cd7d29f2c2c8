/// How a stage with one task divides the elements that it may hold between its queue and its hands.
///
/// The task takes what it can hold, and hands it all on before it takes more; so the two together are the limit exactly.
@usableFromInline
struct StageRoom: Sendable {
  /// For stages that need a queue only because they have a task. A guess: while the task hands one half on, the other is filled.
  @inlinable static var usual: StageRoom { StageRoom(for: 64) }

  /// The capacity of the queue.
  @usableFromInline let queue: Int
  /// How many elements the task takes at once; also how many are to be handed to the stage together.
  @usableFromInline let hand: Int

  /// - Parameter limit: how many elements the stage may hold; positive.
  @inlinable
  init(for limit: Int) {
    hand = min(BatchBuffer<Void>.defaultSize, (limit + 1) / 2)
    queue = limit - hand
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
