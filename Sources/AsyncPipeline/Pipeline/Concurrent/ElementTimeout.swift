/// Why an element failed whose closure took too long.
public struct ElementTimeout: Error, Hashable, CustomStringConvertible {
  /// What it was given.
  public let limit: Duration

  @usableFromInline
  init(limit: Duration) {
    self.limit = limit
  }

  public var description: String { "not done within \(limit)" }
}

/// Calls `body` in a task of its own. If it has not ended when the time is over it is cancelled and waited for, and whatever
/// became of it, ``ElementTimeout`` is thrown.
@usableFromInline
func withTimeLimit<Result: Sendable>(
  _ limit: Duration, _ clock: any Clock<Duration>, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: TimedEvent<Result>.self) { group in
    group.addTask { .result(try await body()) }
    group.addTask { (try? await clock.sleep(for: limit)) == nil ? .cancelled : .late }
    while true {
      switch try await group.next() {
      case .result(let result):
        group.cancelAll()
        return result
      case .late:
        group.cancelAll()
        // Waited for before the group is left, and not listened to.
        throw ElementTimeout(limit: limit)
      case .cancelled, nil:
        // So was the body, and what it does about it counts.
        continue
      }
    }
  }
}

private enum TimedEvent<Result: Sendable>: Sendable {
  case result(Result)
  case late, cancelled
}
