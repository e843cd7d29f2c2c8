import LinuxSystem

/// Jobs that one thread has for some loops, which gets each loop all of its together: under one lock, with at most one
/// wake-up.
///
/// It is not `Sendable`: only that thread finds it, by its mark.
final class JobBatch: ExecutorThread {
  private var parts: [(loop: RingLoop, jobs: [UnownedJob])]

  init(for loops: [RingLoop]) {
    parts = loops.map { ($0, []) }
    super.init(nil)
  }

  /// The batch that collects the jobs which the present thread enqueues, if there is one.
  static var ofCurrentThread: JobBatch? { current as? JobBatch }

  /// Takes a job for one of the loops. False if it is for another one.
  func take(_ job: UnownedJob, for loop: RingLoop) -> Bool {
    guard let index = parts.firstIndex(where: { $0.loop === loop }) else { return false }
    parts[index].jobs.append(job)
    return true
  }

  /// Leaves with each loop what there is for it.
  func deliver() {
    for (loop, jobs) in parts where !jobs.isEmpty { loop.enqueue(jobs) }
  }
}
