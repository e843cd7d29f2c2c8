extension StageInstance {
  /// Runs a sink as one task behind a queue.
  ///
  /// - Parameters:
  ///   - buffered: the maximum number of elements that it holds, if the caller has specified it.
  ///   - body: the task. `hand` is the maximum number of elements to take at once.
  @inlinable
  func serveSink(
    buffered: Int?, on executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (Inlet<Input>, _ hand: Int) async throws -> Void
  ) async throws {
    precondition(buffered ?? 0 >= 0, "no negative number of elements can wait")
    if buffered == nil, case .byWeight(let inHand) = upstream.bound {
      let inlet = Inlet<Input>(of: counters, budget: inHand.budget) { _ in inHand.value }
      return try await serve(inlet, on: executor, entrance: { inlet.makeEmitter(from: upstream.stage, size: 1) }) {
        try await body($0, StageRoom.sinkHand)
      }
    }
    let limit = buffered ?? upstream.bound.limit(StageRoom.sinkLimit, of: Input.self)
    let room = StageRoom(for: limit, mostInHand: StageRoom.sinkHand)
    let batchSize = min(BatchBuffer<Input>.defaultSize, room.hand)
    try await serve(capacity: room.queue, batchSize: batchSize, on: executor) { try await body($0, room.hand) }
  }

  /// Calls `body` with each element. In a cancelled task it stops at once, or with `drainsWhenCancelled` when the queue
  /// is empty.
  @inlinable
  func consume(
    _ inlet: Inlet<Input>, batch limit: Int, drainsWhenCancelled: Bool = false, _ body: (Input) async throws -> Void
  ) async throws {
    while true {
      let batch = await inlet.receive(upTo: limit)
      // In a cancelled task an empty batch need not be the end.
      if batch.isEmpty { return try Task.checkCancellation() }
      var done = 0
      do {
        for element in batch {
          if !drainsWhenCancelled { try Task.checkCancellation() }
          try await body(element)
          done += 1
        }
        counters.add(output: done)
        counters.add(attempts: done)
      } catch {
        counters.add(output: done)
        throw end(error, in: batch, at: done)
      }
    }
  }

  /// Accounts for the rest of a batch when `body` has thrown, or was not called because the task is cancelled.
  ///
  /// - Returns: the error to throw.
  @inlinable
  func end(_ error: any Error, in batch: [Input], at index: Int) -> any Error {
    let thrown = run.fatal(error, of: batch[index], in: counters)
    let isCancelled = thrown is CancellationError
    counters.add(failed: isCancelled ? 0 : 1, cancelled: batch.count - index - (isCancelled ? 0 : 1))
    counters.add(attempts: index + (isCancelled ? 0 : 1))
    return thrown
  }

  /// Takes all elements in the tasks that emit them. `takeOne` takes an element that must not wait for a batch, without
  /// an array for it.
  @inlinable
  func absorb(
    one takeOne: @escaping @Sendable (Input) -> Void, batch take: @escaping @Sendable ([Input]) -> Void
  ) async throws {
    let size = upstream.bound.limit(BatchBuffer<Input>.defaultSize, of: Input.self)
    try await upstream.produce {
      .batching(
        from: upstream.stage, to: counters, size: size,
        tryDeliver: { element in
          upstream.stage.add(output: 1)
          counters.add(input: 1, output: 1)
          takeOne(element)
          return true
        },
        { batch in
          take(batch)
          counters.add(output: batch.count)
        })
    }
  }
}
