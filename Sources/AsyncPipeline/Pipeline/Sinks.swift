import Synchronization

extension Pipeline {
  /// How many elements may wait for a sink. A guess: sixteen batches.
  @inlinable static var sinkCapacity: Int { 16 * BatchBuffer<Element>.defaultSize }
  /// How many elements a sink takes at once.
  @inlinable static var sinkBatch: Int { 4 * BatchBuffer<Element>.defaultSize }

  /// Runs the pipeline and calls `body` with each element, one after another.
  ///
  /// - *suspends* the stage before it while a bounded number of elements waits for `body`
  /// - *on cancel* everything is cancelled and waited for; throws `CancellationError`
  /// - *on failure* of a closure before it: as the policy says. What `body` throws always ends the run, and is thrown
  ///
  /// - Parameter executor: where `body` runs; by default where this was called. Give it a thread of its own if it blocks.
  @discardableResult
  @inlinable
  public func forEach(
    on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable (Element) async throws -> Void
  ) async throws -> PipelineReport {
    let run = PipelineRun(policy: policy, stageNames: stageNames + ["forEach"])
    let channel = Channel<Element>(capacity: Self.sinkCapacity)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await produce(run) { .sending(to: channel, from: $0) }
          channel.finish()
        }
        group.addTask(executorPreference: executor) { try await consume(channel, run, body) }
        while try await group.next() != nil {}
      }
      // A task that was cancelled has ended quietly, and perhaps early.
      try Task.checkCancellation()
    } catch {
      throw run.cause
    }
    return run.report
  }

  @inlinable
  func consume(
    _ channel: Channel<Element>, _ run: PipelineRun, _ body: (Element) async throws -> Void
  ) async throws {
    let counters = run.counters(ofStage: stageNames.count)
    while true {
      let batch = await channel.receive(upTo: Self.sinkBatch)
      if batch.isEmpty { return }
      counters.add(input: batch.count)
      do {
        for element in batch {
          try Task.checkCancellation()
          try await body(element)
        }
      } catch {
        run.note(error)
        throw error
      }
    }
  }

  /// Runs the pipeline and returns its elements, all in memory at once.
  ///
  /// It takes cancellation and failures as ``forEach(on:_:)`` does.
  @inlinable
  public func collect() async throws -> [Element] {
    let elements = Mutex<[Element]>([])
    try await forEach { element in elements.withLock { $0.append(element) } }
    return elements.withLock { $0 }
  }
}
