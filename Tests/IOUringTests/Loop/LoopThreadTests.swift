import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

/// Which tasks run on a loop's thread, and for how long.
@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct LoopThreadTests {
  private actor Shared {
    func visit(_ loop: RingLoop, _ number: Int) async throws {
      switch number % 20 {
      case 0:
        try await loop.send(1, to: loop)
        #expect(try await loop.nextMessage() == 1)
      case 1...5: try await loop.perform(.noOperation(), within: .seconds(1000))
      case 6...10: #expect(await loop.perform(OperationChain(.noOperation()).then(.noOperation())).count == 2)
      default: try await loop.perform(.noOperation())
      }
    }
  }

  /// The tasks of an actor run on any thread that the actor runs on, whether they prefer the loop or not, and may
  /// change the thread between any two steps.
  @Test(.needsLockedMemory(256 * 1024), arguments: [16, 1024]) func tasks_of_an_actor_use_a_loop_on_and_off_its_thread(
    _ operations: UInt32
  ) async throws {
    for _ in 0..<10 {
      try await withLoop(operations: operations) { loop in
        let shared = Shared()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<1000 {
            if number % 3 == 0 {
              group.addTask { try await shared.visit(loop, number) }
            } else {
              group.addTask(executorPreference: loop) { try await shared.visit(loop, number) }
            }
          }
          try await group.waitForAll()
        }
        #expect(loop.statistics.strayCompletions == 0)
      }
    }
  }

  /// It begins on the loop's thread and resumes elsewhere.
  @Test func task_begun_on_the_loop_that_does_not_prefer_it_waits_like_any_other() async throws {
    try await withLoop(operations: 2) { loop in
      let tasks = await Task(executorPreference: loop) {
        (0..<100).map { number in
          Task.immediate {
            for _ in 0..<10 {
              try await loop.perform(.noOperation())
              let results = await loop.perform(OperationChain(.noOperation()).then(.noOperation()))
              #expect(results == [.success(0), .success(0)])
            }
          }
        }
      }.value
      for task in tasks { try await task.value }
    }
  }

  @Test(arguments: [Ring.SetupFlags.singleThreaded, [.singleIssuer, .deferredTaskRun], [.cooperativeTaskRun], []])
  func a_task_that_always_has_work_does_not_starve_those_that_wait(_ flags: Ring.SetupFlags) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(Ring.Configuration(operations: 8, flags: flags)) { loop in
      let isDone = Flag()
      let reading = Task(executorPreference: loop) {
        _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1))
        isDone.raise()
      }
      await loop.waitForOperationsInFlight(2)
      let turns = try await Task(executorPreference: loop) {
        // By now the read waits in the kernel.
        for _ in 0..<2 * LoopCore.jobsPerEnter { await Task.yield() }
        try pipe.writing.writeAll([1])
        var turns = 0
        while !isDone.isRaised, turns < 100_000 {
          turns += 1
          await Task.yield()
        }
        return turns
      }.value
      // One round until the loop enters the kernel, and one until it takes the completions.
      #expect(turns <= LoopCore.jobsPerEnter + LoopCore.jobsPerLook)
      try await reading.value
    }
  }

  @Test func signals_disturb_neither_a_sleeping_loop_nor_a_busy_one() async throws {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    #expect(sigaction(SIGUSR2, &action, nil) == 0)
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let thread = await Task(executorPreference: loop) { pthread_self() }.value
      let reading = Task(executorPreference: loop) {
        try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1))
      }
      for _ in 0..<200 {
        #expect(pthread_kill(thread, SIGUSR2) == 0)
        try await loop.perform(.noOperation())
      }
      try pipe.writing.writeAll([1])
      #expect(try await reading.value == 1)
    }
  }
}
