/// A clock that shows the time of `ContinuousClock`, and lets tasks sleep without Swift's own threads, which that clock
/// needs even for a task that an executor of its own runs: by one thread, which is there while a task sleeps.
///
/// Where the system has no room for that thread, sleeping blocks the present one, for as long as the task sleeps.
public struct ThreadClock: Clock, Sendable {
  private let sleepers: Sleepers

  public init() { self.init(Sleepers()) }

  init(_ sleepers: Sleepers) {
    self.sleepers = sleepers
  }

  public var now: ContinuousClock.Instant { .now }
  public var minimumResolution: Duration { ContinuousClock().minimumResolution }

  /// - Throws: `CancellationError`, at once, if the task is cancelled.
  public func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
    try await sleepers.sleep(until: deadline)
  }
}
