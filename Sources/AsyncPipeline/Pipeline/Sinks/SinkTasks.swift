extension StageInstance {
  /// Runs a sink as one task behind a queue.
  ///
  /// - Parameters:
  ///   - buffered: the maximum number of elements that it holds, if the caller has specified it.
  ///   - body: the task. `hand` is the maximum number of elements to take at once.
  @inlinable
  func serveSink(
    buffered: Int?, on executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (StageInputQueue<Input>, _ hand: Int) async throws -> Void
  ) async throws {
    precondition(buffered ?? 0 >= 0, "no negative number of elements can wait")
    if buffered == nil, case .byWeight(let inHand) = upstream.bound {
      let inlet = StageInputQueue<Input>(of: counters, budget: inHand.budget) { _ in inHand.value }
      return try await serve(inlet, on: executor, entrance: { inlet.makeEmitter(from: upstream.stage, size: 1) }) {
        try await body($0, StageBudget.sinkHand)
      }
    }
    let limit = buffered ?? upstream.bound.limit(StageBudget.sinkLimit, of: Input.self)
    let room = StageBudget(for: limit, mostInHand: StageBudget.sinkHand)
    let batchSize = min(BatchBuffer<Input>.defaultSize, room.hand)
    try await serve(capacity: room.queue, batchSize: batchSize, on: executor) { try await body($0, room.hand) }
  }

  /// Calls `body` with each element. In a cancelled task it stops at once, or with `drainsWhenCancelled` when the queue
  /// is empty.
  @inlinable
  func consume(
    _ inlet: StageInputQueue<Input>, batch limit: Int, drainsWhenCancelled: Bool = false,
    _ body: (Input) async throws -> Void
  ) async throws {
    while true {
      let batch = await inlet.receive(upTo: limit)
      // In a cancelled task an empty batch need not be the end.
      if batch.isEmpty { return try Task.checkCancellation() }
      let elements = batch.elements
      var tokens = batch.tokens
      var done = 0
      do {
        for element in elements {
          if !drainsWhenCancelled { try Task.checkCancellation() }
          try await body(element)
          done += 1
        }
        counters.add(attempts: done)
        tokens.output()
      } catch {
        tokens.split(done).output()
        let thrown = run.fatal(error, of: elements[done], in: counters)
        // The rest of the batch is cancelled, and this element too if it failed because the task is.
        let hasFailed = !(thrown is CancellationError)
        if hasFailed { tokens.split().fail() }
        counters.add(attempts: done + (hasFailed ? 1 : 0))
        throw thrown
      }
    }
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
