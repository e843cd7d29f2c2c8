import FileTestSupport
import LinuxSystem
import TestTurns
import Testing

@testable import FileEngines

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ThreadExecutorTests {
  @Test func task_with_preference_runs_on_the_thread_and_comes_back_to_it() async throws {
    let executor = try ThreadExecutor(name: "test")
    #expect(!executor.isCurrent)
    let places = await Task(executorPreference: executor) {
      var places = [executor.isCurrent]
      for _ in 0..<100 {
        await Task.yield()
        places.append(executor.isCurrent)
      }
      return places
    }.value
    #expect(places.allSatisfy { $0 })
    await executor.shutDown()
  }

  @Test func jobs_that_are_ready_run_before_the_end() async throws {
    let executor = try ThreadExecutor(name: "test")
    let done = Counter()
    let tasks = (0..<1000).map { _ in
      Task(executorPreference: executor) { _ = done.add() }
    }
    await executor.shutDown()
    for task in tasks { _ = await task.value }
    #expect(done.value == 1000)
    // Its end can be waited for again.
    await executor.shutDown()
  }

  @Test func job_after_the_end_still_runs() async throws {
    let executor = try ThreadExecutor(name: "test")
    let (started, go) = (Gate(), Gate())
    let task = Task(executorPreference: executor) {
      started.open()
      await go.wait()
      return executor.isCurrent
    }
    await started.wait()
    await executor.shutDown()
    go.open()
    #expect(await task.value == false)
    #expect(await Task(executorPreference: executor) { 7 }.value == 7)
  }

  private struct Failed: Error {}

  @Test(arguments: [false, true]) func a_scoped_thread_ends_after_the_jobs_that_are_ready(fails: Bool) async throws {
    let done = Counter()
    var scoped: ThreadExecutor?
    do {
      try await withThreadExecutor(name: "test") { executor in
        scoped = executor
        for _ in 0..<100 { Task(executorPreference: executor) { _ = done.add() } }
        if fails { throw Failed() }
      }
      #expect(!fails)
    } catch is Failed {
      #expect(fails)
    }
    #expect(done.value == 100)
    // What comes later has a thread of its own.
    let executor = try #require(scoped)
    #expect(await Task(executorPreference: executor) { executor.isCurrent }.value == false)
  }

  @Test(.timeLimit(.minutes(5)))
  func as_many_jobs_may_block_as_there_are_threads() async throws {
    let executor = try ThreadExecutor(name: "test", threadCount: 3)
    let arrived = (0..<3).map { _ in Latch<Void>() }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<3 {
        group.addTask(executorPreference: executor) {
          arrived[number].open(with: ())
          // Blocks its thread until all three have one.
          for latch in arrived { blockingWait(latch) }
          #expect(executor.isCurrent)
        }
      }
    }
    #expect(executor.jobCount >= 3)
    await executor.shutDown()
  }
}

/// Blocks the thread, in a function that may.
private func blockingWait(_ latch: Latch<Void>) { latch.wait() }
