import Dispatch

/// An executor with one thread, as a program may bring its own.
final class QueueExecutor: TaskExecutor {
  private static let key = DispatchSpecificKey<ObjectIdentifier>()

  private let queue = DispatchQueue(label: "test")
  /// The number of jobs that were enqueued.
  let jobs = Counter()

  init() {
    queue.setSpecific(key: Self.key, value: ObjectIdentifier(self))
  }

  /// Whether the caller runs on this executor.
  var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.key) == ObjectIdentifier(self) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.add()
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Stops running tasks until `goOn`.
  func pause() { queue.suspend() }
  func goOn() { queue.resume() }

  /// Starts a task, and returns it when it has suspended or ended.
  func suspendedTask<R: Sendable>(_ operation: @escaping @Sendable () async -> R) async -> Task<R, Never> {
    let task = Task(executorPreference: self, operation: operation)
    await idle()
    return task
  }

  /// Waits until the tasks that were ready have run.
  func idle() async {
    // There is one thread, and jobs run in FIFO order.
    await Task(executorPreference: self) {}.value
  }
}
