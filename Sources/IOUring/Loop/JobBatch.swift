/// Jobs that one thread has for some loops, which gets each loop all of its together: under one lock, with at most one
/// wake-up.
///
/// It is not `Sendable`: only that thread finds it, by its mark (``ExecutorThread``).
final class JobBatch {
  private var parts: [(loop: RingLoop, jobs: [UnownedJob])]

  init(for loops: [RingLoop]) {
    parts = loops.map { ($0, []) }
  }

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
