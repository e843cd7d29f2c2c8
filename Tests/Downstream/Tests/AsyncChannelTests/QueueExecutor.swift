import Dispatch

/// A thread for tasks, on which one can wait until they wait.
final class QueueExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "test")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Starts a task, and returns it when it has come to where it must wait, or to its end.
  func suspendedTask<R: Sendable>(_ operation: @escaping @Sendable () async -> R) async -> Task<R, Never> {
    let task = Task(executorPreference: self, operation: operation)
    await idle()
    return task
  }

  /// Waits until the tasks that were ready have had a few turns.
  func idle() async {
    for _ in 0..<4 { await Task(executorPreference: self) {}.value }
  }
}
