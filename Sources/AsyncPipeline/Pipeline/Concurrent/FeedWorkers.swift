extension StageInstance {
  /// Runs what is before the stage, and a number of workers beside it.
  ///
  /// - Parameters:
  ///   - inlet: that the workers take elements from; swept by the caller.
  ///   - batchSize: of what is handed over together, clipped to what batches are otherwise.
  ///   - executors: one worker on each; nil is where the run was started.
  ///   - worker: accounts for each element that it took.
  @inlinable
  func feed(
    _ inlet: Inlet<Input>, batchSize: Int, _ executors: [(any TaskExecutor)?],
    _ worker: @escaping @Sendable () async throws -> Void
  ) async throws {
    let size = max(1, min(batchSize, BatchBuffer<Input>.defaultSize))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await upstream.produce { inlet.makeEmitter(from: upstream.stage, size: size) }
        inlet.finish()
      }
      for executor in executors {
        group.addTask(on: executor) { try await counters.life.measure { try await worker() } }
      }
      // Leaves with the first failure, which cancels the others.
      while try await group.next() != nil {}
    }
  }
}
