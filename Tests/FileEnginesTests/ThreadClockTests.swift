import Dispatch
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ThreadClockTests {
  @Test func a_task_sleeps_until_its_time() async throws {
    let clock = ThreadClock()
    for duration in [Duration.milliseconds(20), .zero, .milliseconds(-5)] {
      let start = clock.now
      try await clock.sleep(for: duration)
      #expect(clock.now - start >= duration)
    }
  }

  @Test func tasks_wake_in_the_order_of_their_times() async throws {
    let clock = ThreadClock()
    let start = clock.now
    let woken = try await withThrowingTaskGroup(of: Int.self) { group in
      // A fifth of a second apart, so that a busy machine wakes them apart, too.
      for place in [4, 2, 0, 3, 1] {
        group.addTask {
          try await clock.sleep(until: start + .milliseconds(200 * (place + 1)), tolerance: nil)
          return place
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(woken == [0, 1, 2, 3, 4])
  }

  @Test func a_cancelled_task_does_not_sleep() async throws {
    let clock = ThreadClock()
    let hours = Task { try await clock.sleep(for: .seconds(100_000)) }
    let others = (0..<100).map { number in
      Task { try await clock.sleep(for: .seconds(1000 + number)) }
    }
    for task in others + [hours] {
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  /// A thread that wakes its own task is not held up by tasks of other threads.
  @Test func without_a_thread_a_task_sleeps_no_longer_than_it_asked_to() async throws {
    let attempts = Attempts()
    let clock = ThreadClock(
      Sleepers { _ throws(Errno) in
        attempts.made.add(1, ordering: .relaxed)
        throw .resourceTemporarilyUnavailable
      })
    let (near, far) = (try ThreadExecutor(name: "near"), try ThreadExecutor(name: "far"))
    let nearTask = Task(executorPreference: near) {
      let start = clock.now
      try await clock.sleep(for: .milliseconds(300))
      #expect(clock.now - start >= .milliseconds(300))
    }
    while attempts.made.load(ordering: .relaxed) < 1 { await Task.yield() }
    let farTask = Task(executorPreference: far) { try await clock.sleep(for: .seconds(100_000)) }
    while attempts.made.load(ordering: .relaxed) < 2 { await Task.yield() }
    try await nearTask.value
    farTask.cancel()
    await #expect(throws: CancellationError.self) { try await farTask.value }
    await near.shutDown()
    await far.shutDown()
  }

  private final class Attempts: Sendable {
    let made = Atomic(0)
  }
}
