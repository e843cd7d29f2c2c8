import LinuxSystem
import Synchronization
import SystemPackage

/// Threads that tasks may block: for system calls that wait for a disk or a pipe, which must not hold up a thread of
/// Swift's cooperative pool.
///
/// Run a task there with `Task(executorPreference:)` or `group.addTask(executorPreference:)`. Jobs start in the order
/// in which they were enqueued. The threads live until ``shutDown()``.
public final class ThreadExecutor: TaskExecutor {
  private let pool: ThreadPool<UnownedJob>
  private let started = Atomic<UInt64>(0)
  /// Marks the threads; nil for the executor itself.
  private let owner: (AnyObject & Sendable)?

  /// Starts the threads: fewer than `threadCount` where the system has no room for them and three others.
  ///
  /// - Parameters:
  ///   - name: of the threads; the system shows its first 15 bytes.
  ///   - threadCount: how many jobs may block at a time; at least 1.
  /// - Throws: `EAGAIN` if the system has no room for even one thread.
  public convenience init(name: String, threadCount: Int = 1) throws(Errno) {
    self.init(lazily: name, threadCount: threadCount)
    if start() == 0 { throw .resourceTemporarilyUnavailable }
  }

  /// ``start()`` starts the threads, which the first job needs.
  ///
  /// - Parameter owner: the owner of several executors, on whose threads a call may be made alike; nil for none.
  init(lazily name: String, threadCount: Int, owner: (AnyObject & Sendable)? = nil) {
    pool = ThreadPool(name: name, threadCount: threadCount)
    self.owner = owner
  }

  /// Starts the threads unless they have been started.
  ///
  /// - Returns: how many there are; 0 where the system has no room for any.
  @discardableResult
  func start() -> Int {
    pool.start { self.work() }
  }

  private func work() {
    ExecutorThread(owner ?? self).mark {
      let executor = asUnownedTaskExecutor()
      while let job = pool.take() {
        started.add(1, ordering: .relaxed)
        job.runSynchronously(on: executor)
      }
    }
  }

  /// How many jobs have been started.
  var jobCount: UInt64 { started.load(ordering: .relaxed) }

  /// Whether the present thread is one of these, or of another executor of the same owner.
  var isCurrent: Bool { ExecutorThread.isRunning(owner ?? self) }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // After the end, a thread for the job alone: no task is left suspended for ever.
    if !pool.append(job) { runOnSpareThread(job, self) }
  }

  /// The same as ``shutDown()`` without waiting.
  func beginShutDown() {
    pool.close()
  }

  /// Runs the jobs that are ready and ends the threads. Not to be called from a task that runs on them. Cancelling the
  /// caller changes nothing.
  public func shutDown() async {
    precondition(!isCurrent, "a thread cannot wait for its own end")
    await pool.shutDown()
  }
}

/// Calls `body` with a thread for tasks that block, and ends the thread when `body` has returned or thrown: after the
/// jobs that are ready by then, such as a last flush.
///
/// - Parameter name: of the thread; the system shows its first 15 bytes.
/// - Throws: `EAGAIN` if the system has no room for another thread; what `body` throws.
public func withThreadExecutor<R: Sendable>(
  name: String, _ body: (ThreadExecutor) async throws -> R
) async throws -> R {
  let thread = try ThreadExecutor(name: name)
  do {
    let result = try await body(thread)
    await thread.shutDown()
    return result
  } catch {
    await thread.shutDown()
    throw error
  }
}
