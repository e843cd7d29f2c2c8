import SystemPackage
import Testing

@testable import LinuxSystem

struct RunTests {
  /// A thread that runs the jobs that are enqueued, until it is shut down.
  private final class OneThread: TaskExecutor {
    let pool = ThreadPool<UnownedJob>(name: "test", threadCount: 1)

    init() {
      pool.start { [self] in
        ExecutorThread(self).mark {
          while let job = pool.take() { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
      }
    }

    func enqueue(_ job: consuming ExecutorJob) { #expect(pool.append(UnownedJob(job))) }
    var isCurrent: Bool { ExecutorThread.isRunning(self) }
  }

  @Test func body_runs_on_the_executor_and_the_caller_returns_to_its_own() async throws {
    let executor = OneThread()
    let places = await run(on: executor) { [executor.isCurrent] }
    #expect(places == [true] && !executor.isCurrent)
    await executor.pool.shutDown()
  }

  @Test func body_that_suspends_is_on_the_executor_afterwards_too() async throws {
    let executor = OneThread()
    let places = await runAsync(on: executor) {
      let before = executor.isCurrent
      await Task.yield()
      return [before, executor.isCurrent]
    }
    #expect(places == [true, true] && !executor.isCurrent)
    await executor.pool.shutDown()
  }

  @Test func errors_keep_their_type() async {
    let executor = OneThread()
    do throws(Errno) {
      try await run(on: executor) { () throws(Errno) in throw Errno.badFileDescriptor }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error == .badFileDescriptor)
    }
    await executor.pool.shutDown()
  }
}
