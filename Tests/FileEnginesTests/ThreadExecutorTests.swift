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
}

@Suite(.inTurn)
struct BlockingQueueTests {
  @Test func elements_come_in_order() {
    let queue = BlockingQueue<Int>()
    for number in 0..<10 { #expect(queue.append(number)) }
    for number in 0..<10 { #expect(queue.take() == number) }
  }

  @Test func closed_queue_gives_what_it_has_and_takes_nothing() {
    let queue = BlockingQueue<Int>()
    #expect(queue.append(1))
    queue.close()
    #expect(!queue.append(2))
    #expect(queue.take() == 1)
    #expect(queue.take() == nil)
    #expect(queue.take() == nil)
  }

  @Test(.timeLimit(.minutes(5)))
  func many_threads_share_all_elements_and_end_with_the_queue() async throws {
    let queue = BlockingQueue<Int>()
    let ends = (0..<4).map { _ in Latch<Int>() }
    for end in ends {
      try startThread(name: "taker") {
        var sum = 0
        while let number = queue.take() { sum += number }
        end.open(with: sum)
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for part in 0..<4 {
        group.addTask { for number in 0..<2500 { #expect(queue.append(part * 2500 + number)) } }
      }
    }
    queue.close()
    var sum = 0
    for end in ends { sum += await end.value }
    #expect(sum == 9999 * 10_000 / 2)
  }
}
