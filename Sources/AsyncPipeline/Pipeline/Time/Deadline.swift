/// Runs `wait` until `sleep` returns; then `wait` is cancelled.
///
/// - Parameter wait: waited for even if it ignores cancellation. Its result is returned in any case.
/// - Returns: the result of `wait`, and whether `sleep` returned first. If the caller's task is cancelled, both are
///   cancelled, and `isLate` is false.
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
    preconditionFailure("the group has a task that returns the result")
  }
}

private enum Ending<Result: Sendable>: Sendable {
  case result(Result)
  case time
}

/// Calls `body` in a child task. If it has not returned when the time is over it is cancelled and waited for, and
/// ``PipelineTimeout/element(_:)`` is thrown whatever its outcome.
@usableFromInline
func withTimeLimit<Result: Sendable>(
  _ limit: Duration, _ clock: any Clock<Duration>, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let (result, isLate) = await race {
    try await clock.sleep(for: limit)
  } _: { () -> Swift.Result<Result, any Error> in
    do { return .success(try await body()) } catch { return .failure(error) }
  }
  if isLate { throw PipelineTimeout.element(limit) }
  return try result.get()
}

/// The elements that arrived before a deadline.
@usableFromInline
enum TimedBatch<Element: Sendable>: ~Copyable {
  /// At least one.
  case elements(TakenBatch<Element>)
  /// No element arrived in time.
  case late
  /// No element will arrive.
  case end
}

extension StageInputQueue {
  /// Receives at least one element and at most `limit`, unless the deadline passes first. Throws if the task is
  /// cancelled while it waits.
  ///
  /// - Parameter deadline: when it has passed no element is taken, even if there are some. Nil for no deadline.
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
