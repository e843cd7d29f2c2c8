import LinuxSystem
import Synchronization
import SystemPackage

/// A bounded number of threads that take blocking calls off the loops: one queue, and the thread that is free takes the
/// next.
///
/// It is a task executor: the task that makes a call goes to a helper, makes it there, and goes back to its loop, which
/// is woken only if it sleeps. So what a call works on never leaves its task.
final class HelperThreads: TaskExecutor {
  /// For calls that wait for a disk. A guess: enough for it to have several at once, few enough not to crowd two cores
  /// when all of it is cached.
  static let forDisks = 8
  /// For calls that wait for a daemon or a server, and use no core meanwhile.
  static let forOthers = ThreadsEngine.defaultDepth

  private let threadCount: Int
  private let jobs = BlockingQueue<UnownedJob>()
  private let running: Mutex<[Latch<Void>]> = Mutex([])
  private let made = Atomic<UInt64>(0)

  init(threadCount: Int) {
    self.threadCount = threadCount
  }

  /// How many jobs they have run: one for each call.
  var count: UInt64 { made.load(ordering: .relaxed) }

  /// Whether the present thread is one of them.
  var isCurrent: Bool { ExecutorThread.isRunning(self) }

  /// Starts the threads with the first call: a program that only reads has no use for them. False if the system has no
  /// room for even one.
  func start() -> Bool {
    running.withLock { running in
      if running.isEmpty {
        running = startThreads(threadCount, name: "file-helper") { self.work() }
      }
      return !running.isEmpty
    }
  }

  private func work() {
    ExecutorThread(self).mark {
      let executor = asUnownedTaskExecutor()
      while let job = jobs.take() {
        made.add(1, ordering: .relaxed)
        job.runSynchronously(on: executor)
      }
    }
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
