import LinuxSystem

/// Collects the jobs that one thread enqueues on some loops, so that each loop gets all of its jobs under one lock and
/// with at most one wake-up.
///
/// It is not `Sendable`: only that thread finds it, by its mark.
final class JobBatch: ExecutorThread {
  private var parts: [(loop: RingLoop, jobs: [UnownedJob])]

  init(for loops: [RingLoop]) {
    parts = loops.map { ($0, []) }
    super.init(nil)
  }

  /// The batch that collects the jobs that the calling thread enqueues, if there is one.
  static var ofCurrentThread: JobBatch? { current as? JobBatch }

  /// Takes a job, unless it is for another loop: then false.
  func take(_ job: UnownedJob, for loop: RingLoop) -> Bool {
    guard let index = parts.firstIndex(where: { $0.loop === loop }) else { return false }
    parts[index].jobs.append(job)
    return true
  }

  /// Enqueues the jobs on their loops.
  func deliver() {
    for (loop, jobs) in parts where !jobs.isEmpty { loop.enqueue(jobs) }
  }
}
