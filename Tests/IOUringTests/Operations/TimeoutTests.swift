import Glibc
import IOUring
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("timeout"))
struct TimeoutTests {
  /// Long enough to be measured, short enough for a test.
  private static let moment = Duration.milliseconds(10)

  @Test(arguments: KernelClock.allCases) func deadline_is_kept_on_each_clock(_ clock: KernelClock) async throws {
    try await withLoop { loop in
      let deadline = clock.now + Self.moment
      try await loop.perform(.timeout(until: deadline, on: clock))
      #expect(clock.now >= deadline)
    }
  }

  @Test func instants_of_swifts_clocks_are_kept() async throws {
    try await withLoop { loop in
      let continuous = ContinuousClock.now + Self.moment
      try await loop.perform(.timeout(until: continuous))
      #expect(ContinuousClock.now >= continuous)
      let suspending = SuspendingClock.now + Self.moment
      try await loop.perform(.timeout(until: suspending))
      #expect(SuspendingClock.now >= suspending)
    }
  }

  /// Both advance equally, on a machine that is not suspended.
  @Test func kernel_clocks_count_as_swifts_do() {
    let (continuous, boottime) = (ContinuousClock.now, KernelClock.boottime.now)
    let (suspending, monotonic) = (SuspendingClock.now, KernelClock.monotonic.now)
    var (continuousPassed, suspendingPassed) = (Duration.zero, Duration.zero)
    while continuousPassed < Self.moment {
      continuousPassed = ContinuousClock.now - continuous
      suspendingPassed = SuspendingClock.now - suspending
    }
    // Each kernel clock was read after Swift's at both ends. A loaded machine may take a second in between.
    #expect(abs(KernelClock.boottime.now - boottime - continuousPassed) < .seconds(1))
    #expect(abs(KernelClock.monotonic.now - monotonic - suspendingPassed) < .seconds(1))
  }

  @Test(arguments: KernelClock.allCases) func past_deadline_ends_at_once(_ clock: KernelClock) async throws {
    try await withLoop { loop in
      try await loop.perform(.timeout(until: .zero, on: clock))
      try await loop.perform(.timeout(until: .seconds(-5), on: clock))
      try await loop.perform(.timeout(until: clock.now, on: clock))
      try await loop.perform(.timeout(until: ContinuousClock.now - .seconds(5)))
    }
  }

  @Test func deadline_that_never_comes_is_waited_for_until_cancelled() async throws {
    try await withLoop { loop in
      let never = Duration.seconds(Int64.max)
      let started = Latch()
      let sleepers = KernelClock.allCases.map { clock in
        Task(executorPreference: loop) {
          started.open()
          try await loop.perform(.timeout(until: never, on: clock))
        }
      }
      let longer = Task(executorPreference: loop) { try await loop.perform(.timeout(never + never)) }
      let instant = Task(executorPreference: loop) {
        try await loop.perform(.timeout(until: ContinuousClock.now + never))
      }
      await started.wait()
      for _ in 0..<10 { try await loop.perform(.noOperation()) }
      for task in sleepers + [longer, instant] {
        task.cancel()
        await #expect(throws: Errno.canceled) { try await task.value }
      }
    }
  }

  @Test func timeout_that_ran_its_course_completes_with_its_errno() throws {
    var ring = try Ring(.small)
    _ = try ring.push(.timeout(until: .zero, on: .monotonic))
    try ring.submit(waitingFor: 1)
    var results: [Int32] = []
    ring.takeCompletions { results.append($0.result) }
    #expect(results == [-ETIME])
  }

  private func abs(_ duration: Duration) -> Duration {
    duration < .zero ? .zero - duration : duration
  }
}
