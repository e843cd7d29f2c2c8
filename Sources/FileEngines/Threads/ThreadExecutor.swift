import LinuxSystem
import SystemPackage

/// A thread that tasks may block: for system calls that wait for a disk or a pipe, which must not hold up a thread of
/// Swift's cooperative pool.
///
/// Place a task on it with `Task(executorPreference:)` or `group.addTask(executorPreference:)`. It lives until
/// ``shutDown()``.
public final class ThreadExecutor: TaskExecutor {
  private let jobs = BlockingQueue<UnownedJob>()
  private let ended = Latch<Void>()
  /// What its thread is marked with: the executor itself, or the engine whose executors are all alike to it.
  private let owner: AnyObject & Sendable

  /// Starts the thread.
  ///
  /// - Parameter name: of the thread; the system shows its first 15 bytes.
  /// - Throws: `EAGAIN` if the system has no room for another thread.
  public convenience init(name: String) throws(Errno) {
    try self.init(name: name, owner: Anonymous())
  }

  private final class Anonymous: Sendable {}

  /// - Parameter isPatient: whether to wait a moment for room, which threads that are about to end may make.
  init(name: String, owner: AnyObject & Sendable, isPatient: Bool = true) throws(Errno) {
    self.owner = owner
    let work: @Sendable () -> Void = { self.work() }
    if isPatient { try startThreadPatiently(name: name, work) } else { try startThread(name: name, work) }
  }

  private func work() {
    ExecutorThread(owner).mark {
      let executor = asUnownedTaskExecutor()
      while let job = jobs.take() { job.runSynchronously(on: executor) }
    }
    ended.open(with: ())
  }

  /// Whether the present thread is this one, or one of the same engine.
  var isCurrent: Bool { ExecutorThread.isRunning(owner) }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // After the end, a thread for the job alone: no task is left suspended for ever.
    if !jobs.append(job) { runOnSpareThread(job, self) }
  }

  /// Runs the jobs that are ready and ends the thread. Not to be called from a task that runs on it. Cancelling the
  /// caller changes nothing.
  public func shutDown() async {
    precondition(!isCurrent, "a thread cannot wait for its own end")
    beginShutDown()
    await ended.value
  }

  /// The same without waiting for the end.
  func beginShutDown() {
    jobs.close()
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
