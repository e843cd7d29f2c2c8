import Dispatch

/// A thread for tasks, as a program may bring its own.
final class QueueExecutor: TaskExecutor {
  private static let key = DispatchSpecificKey<ObjectIdentifier>()

  private let queue = DispatchQueue(label: "test")
  /// How often a task has gone on here.
  let jobs = Counter()

  init() {
    queue.setSpecific(key: Self.key, value: ObjectIdentifier(self))
  }

  /// Whether the caller runs on it.
  var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.key) == ObjectIdentifier(self) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.add()
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Lets tasks wait until `goOn`.
  func pause() { queue.suspend() }
  func goOn() { queue.resume() }

  /// Starts a task, and returns it when it has come to where it must wait, or to its end.
  func suspendedTask<R: Sendable>(_ operation: @escaping @Sendable () async -> R) async -> Task<R, Never> {
    let task = Task(executorPreference: self, operation: operation)
    await idle()
    return task
  }

  /// Waits until the tasks that were ready have had a turn.
  func idle() async {
    // There is one thread: the others have let go of it when this one is there.
    await Task(executorPreference: self) {}.value
  }
}
