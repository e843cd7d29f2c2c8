/// Waits for something until `sleep` returns: then `wait` is cancelled.
///
/// - Parameter wait: waited for even if it does not heed cancellation. What it returns counts in any case.
/// - Returns: what `wait` did, and whether it was cancelled because it was time. If the caller's task is cancelled,
///   both are cancelled, and it is not late.
@usableFromInline
func race<Result: Sendable>(
  _ sleep: @escaping @Sendable () async throws -> Void, _ wait: @escaping @Sendable () async -> Result
) async -> (result: Result, isLate: Bool) {
  await withTaskGroup(of: Ending<Result>.self) { group in
    group.addTask { .result(await wait()) }
    group.addTask {
      try? await sleep()
      return .time
    }
    var isLate = false
    while let ending = await group.next() {
      switch ending {
      case .time: isLate = !Task.isCancelled
      case .result(let result):
        group.cancelAll()
        return (result, isLate)
      }
      group.cancelAll()
    }
    preconditionFailure("what is waited for returns")
  }
}

private enum Ending<Result: Sendable>: Sendable {
  case result(Result)
  case time
}

/// What came in time.
@usableFromInline
enum TimedBatch<Element: Sendable>: ~Copyable {
  /// At least one.
  case elements(TakenBatch<Element>)
  /// Nothing.
  case late
  /// Nothing will.
  case end
}

extension StageInputQueue {
  /// At least one element and at most `limit`, if there are any before the deadline. Throws if the task is cancelled
  /// while it waits.
  ///
  /// - Parameter deadline: once it has passed nothing is taken, even if something is there. Nil is never.
  @inlinable
  func next<C: Clock>(
    upTo limit: Int, before deadline: C.Instant?, _ clock: C
  ) async throws -> TimedBatch<Element> where C.Duration == Duration {
    guard let deadline else {
      guard let batch = try await next(upTo: limit) else { return .end }
      return .elements(batch)
    }
    if clock.now >= deadline { return .late }
    var (batch, isLate) = (channel.tryReceive(upTo: limit), false)
    if batch.isEmpty {
      (batch, isLate) = await stage.starved.measure {
        await race {
          try await clock.sleep(until: deadline, tolerance: nil)
        } _: { [channel] in
          await channel.receive(upTo: limit)
        }
      }
    }
    if !batch.isEmpty { return .elements(TakenBatch(batch, stage.take(batch.count))) }
    try Task.checkCancellation()
    return isLate && !channel.isFinished ? .late : .end
  }
}
