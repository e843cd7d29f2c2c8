import SystemPackage

extension RingLoop {
  /// Performs a chain of operations to its end, whether or not the task is cancelled meanwhile: for operations that
  /// another thread's system call would not give up either. It spares the task a cancellation handler for each of them,
  /// and the task is resumed once, by the last completion.
  ///
  /// Suspends until there is room for all of it. That wait ends when the task is cancelled.
  ///
  /// - Returns: the result of each operation, in their order, as the kernel gives it: a negative one is an errno with
  ///   its sign changed. What did not begin because another failed has `ECANCELED`. If the loop is shut down meanwhile,
  ///   what has not begun is cancelled.
  /// - Throws: why nothing was begun, so that no operation has had any effect: `ECANCELED` if the task was cancelled,
  ///   `EINVAL` if the chain is longer than the ring's queue, `ESHUTDOWN`, or ``failure``.
  package func performToEnd(_ chain: OperationChain) async throws(Errno) -> [Int32] {
    try await withTaskExecutorPreference(self) { await completeToEndOnLoop(chain) }.get()
  }

  @concurrent private func completeToEndOnLoop(_ chain: OperationChain) async -> Result<[Int32], Errno> {
    switch await begin(chain.entries.count, { $0.push(chain) }) {
    case .success(let ids):
      var results = [Int32](repeating: 0, count: ids.count)
      // As a rule the last to begin is the last to complete, and the others have then arrived.
      for index in ids.indices.reversed() { results[index] = await resultToEnd(of: ids[index]) }
      return .success(results)
    case .failure(let reason):
      return .failure(reason.errno)
    }
  }

  /// Waits for an operation that was begun. On the loop's thread, which lives as long as operations are in flight.
  private func resultToEnd(of id: OperationID) async -> Int32 {
    if let completion = core?.takeArrived(id) { return completion.result }
    return await withUnsafeContinuation { core!.wait(for: id, $0) }!.result
  }
}
