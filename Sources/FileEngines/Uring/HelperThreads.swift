import IOUring
import Synchronization
import SystemPackage

/// A bounded number of threads that take blocking calls off the loops: one queue, and the thread that is free takes the next.
///
/// It is a task executor: the task that makes a call goes to a helper, makes it there, and goes back to its loop, which is woken
/// only if it sleeps. So what a call works on never leaves its task.
final class HelperThreads: TaskExecutor {
  /// A guess: enough for a disk to have several calls at once, few enough not to crowd two cores when all of it is cached.
  static let threadCount = 8

  private let jobs = BlockingQueue<UnownedJob>()
  private let running: Mutex<[Latch<Void>]> = Mutex([])
  private let made = Atomic<UInt64>(0)

  /// How many jobs they have run: one for each call.
  var count: UInt64 { made.load(ordering: .relaxed) }

  /// Whether the present thread is one of them.
  var isCurrent: Bool { ExecutorThread.isRunning(self) }

  /// Starts the threads with the first call: who only reads has no use for them.
  ///
  /// - Throws: `EAGAIN` if the system has no room for even one.
  func start() throws(Errno) {
    try running.withLock { running throws(Errno) in
      if !running.isEmpty { return }
      while running.count < Self.threadCount {
        let ended = Latch<Void>()
        do throws(Errno) {
          try startThread(name: "file-helper") { self.work(ended) }
        } catch {
          // Fewer will do.
          if running.isEmpty { throw error }
          return
        }
        running.append(ended)
      }
    }
  }

  private func work(_ ended: Latch<Void>) {
    ExecutorThread(self).mark {
      let executor = asUnownedTaskExecutor()
      while let job = jobs.take() {
        made.add(1, ordering: .relaxed)
        job.runSynchronously(on: executor)
      }
    }
    ended.open(with: ())
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // After the end, a thread for the job alone: no task is left suspended for ever.
    if !jobs.append(job) { runOnSpareThread(job, self) }
  }

  /// Ends the threads once what was asked for is done.
  func shutDown() async {
    jobs.close()
    for ended in running.withLock({ $0 }) { await ended.value }
  }
}
