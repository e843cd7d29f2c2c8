import LinuxSystem
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct JobBatchTests {
  @Test func tasks_resumed_together_wake_their_loop_once() async throws {
    try await withLoop { loop in
      let gate = Latch()
      let tasks = (0..<100).map { _ in Task(executorPreference: loop) { await gate.wait() } }
      for _ in 0..<200 { try await loop.perform(.noOperation()) }
      await loop.waitForSleep()
      let before = loop.statistics.operations
      RingLoop.wakingOnce([loop]) { gate.open() }
      for task in tasks { await task.value }
      // The read by which it is woken the next time; the operations are counted after each turn.
      #expect(loop.statistics.operations - before <= 1)
    }
  }

  @Test func tasks_resumed_together_run_afterwards_and_tasks_of_another_loop_at_once() async throws {
    try await withLoop { loop in
      try await withLoop { other in
        let (gate, othersGate, flag) = (Latch(), Latch(), Flag())
        let othersEnd = LinuxSystem.Latch<Void>()
        let task = Task(executorPreference: loop) {
          await gate.wait()
          flag.raise()
        }
        let othersTask = Task(executorPreference: other) {
          await othersGate.wait()
          othersEnd.open(with: ())
        }
        await loop.waitForSleep()
        await other.waitForSleep()
        RingLoop.wakingOnce([loop]) {
          gate.open()
          othersGate.open()
          othersEnd.wait()
          #expect(!flag.isRaised)
        }
        await task.value
        await othersTask.value
        #expect(flag.isRaised)
      }
    }
  }

  @Test func tasks_of_a_loop_that_was_shut_down_run_elsewhere() async throws {
    let loop = try RingLoop(Ring.Configuration(submissions: 32, operations: 64))
    let gate = Latch()
    let task = Task(executorPreference: loop) { await gate.wait() }
    await loop.waitForSleep()
    await loop.shutDown()
    RingLoop.wakingOnce([loop]) { gate.open() }
    await task.value
  }
}
