import AsyncPipeline
import Synchronization
import Testing

struct PipelineClockTests {
  /// A clock that records whether it was read.
  private final class LookedAt: Clock, Sendable {
    let count = Atomic<Int>(0)

    var now: ContinuousClock.Instant {
      count.add(1, ordering: .relaxed)
      return .now
    }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
      try await ContinuousClock().sleep(until: deadline)
    }
  }

  @Test func run_uses_the_clock_of_the_task_that_starts_it() async throws {
    let clock = LookedAt()
    try await Pipeline([1, 2]).forEach { _ in }
    #expect(clock.count.load(ordering: .relaxed) == 0)
    try await PipelineClock.$current.withValue(clock) { try await Pipeline([1, 2]).forEach { _ in } }
    #expect(clock.count.load(ordering: .relaxed) > 0)
  }
}
