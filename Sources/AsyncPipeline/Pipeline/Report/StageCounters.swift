import Synchronization

/// The counters of a stage in one run. Tasks update them once per batch.
///
/// An element counts as the stage's `input` from the moment the stage before passes it on, which is before the queue
/// has accepted it. From then on its holder must account for it: as `output` when it passes the element to the next
/// stage, and otherwise by the counter for its fate. When all tasks have ended
///
///     input + expanded == output + failed + skipped + filtered + cancelled + combined
@usableFromInline
final class StageCounters: Sendable {
  @usableFromInline let name: String
  /// The lifetimes of the stage's tasks.
  @usableFromInline let life: TimeSum
  /// Waiting for input.
  @usableFromInline let starved: TimeSum
  /// Waiting for room in the next stage, or for the handler of failures.
  @usableFromInline let blocked: TimeSum
  /// Waiting on purpose: for a retry or a rate limit.
  @usableFromInline let delayed: TimeSum

  private let input = Atomic<Int>(0)
  private let taken = Atomic<Int>(0)
  private let output = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)
  private let skipped = Atomic<Int>(0)
  private let filtered = Atomic<Int>(0)
  private let cancelled = Atomic<Int>(0)
  private let expanded = Atomic<Int>(0)
  private let combined = Atomic<Int>(0)
  private let attempts = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)
  private let highWater = Atomic<Int>(0)

  private struct Details {
    var operators: [String] = []
    var note: String?
    var metrics: [String: Int] = [:]
  }

  private let details = Mutex(Details())

  init(name: String, clock: RunClock) {
    self.name = name
    (life, starved) = (TimeSum(clock), TimeSum(clock))
    (blocked, delayed) = (TimeSum(clock), TimeSum(clock))
  }

  // MARK: Elements

  /// Elements arrived, or were passed on.
  @usableFromInline
  func add(input: Int = 0, output: Int = 0) {
    if input != 0 { self.input.add(input, ordering: .relaxed) }
    if output != 0 { self.output.add(output, ordering: .relaxed) }
  }

  /// Elements were not passed on.
  @usableFromInline
  func add(failed: Int = 0, skipped: Int = 0, filtered: Int = 0, cancelled: Int = 0) {
    if failed != 0 { self.failed.add(failed, ordering: .relaxed) }
    if skipped != 0 { self.skipped.add(skipped, ordering: .relaxed) }
    if filtered != 0 { self.filtered.add(filtered, ordering: .relaxed) }
    if cancelled != 0 { self.cancelled.add(cancelled, ordering: .relaxed) }
  }

  /// Elements were taken from the queue.
  @usableFromInline
  func add(taken: Int) {
    if taken != 0 { self.taken.add(taken, ordering: .relaxed) }
  }

  /// Elements were created: of the `n` that one element expanded to, `n - 1`.
  @usableFromInline
  func add(expanded: Int) {
    if expanded != 0 { self.expanded.add(expanded, ordering: .relaxed) }
  }

  /// Elements were absorbed by another one: of `n` that were combined, `n - 1`.
  @usableFromInline
  func add(combined: Int) {
    if combined != 0 { self.combined.add(combined, ordering: .relaxed) }
  }

  @usableFromInline
  func add(attempts: Int) {
    if attempts != 0 { self.attempts.add(attempts, ordering: .relaxed) }
  }

  @usableFromInline
  func add(bytes: Int) {
    if bytes != 0 { self.bytes.add(bytes, ordering: .relaxed) }
  }

  // MARK: The queue

  /// Returns how many elements were passed to the stage and not taken yet, and updates the high-water mark.
  @usableFromInline
  func noteWaiting() -> Int {
    let waiting = input.load(ordering: .relaxed) - taken.load(ordering: .relaxed)
    if waiting > highWater.load(ordering: .relaxed) { highWater.max(waiting, ordering: .relaxed) }
    return waiting
  }

  // MARK: Details

  /// Synchronous operators that the stage's tasks run.
  @usableFromInline
  func add(operators: [String]) {
    details.withLock { $0.operators += operators }
  }

  /// A sentence for the report.
  @usableFromInline
  func note(_ sentence: String) {
    details.withLock { $0.note = sentence }
  }

  /// Adds to a counter that only some stages have.
  @usableFromInline
  func count(_ metric: String, _ difference: Int) {
    details.withLock { $0.metrics[metric, default: 0] += difference }
  }

  // MARK: Reporting

  func snapshot(at now: Int64) -> PipelineReport.Stage {
    let details = details.withLock { $0 }
    let (blocked, starved) = (blocked.nanoseconds(at: now), starved.nanoseconds(at: now))
    let delayed = delayed.nanoseconds(at: now)
    return PipelineReport.Stage(
      name: name, operators: details.operators, input: input.load(ordering: .relaxed),
      output: output.load(ordering: .relaxed), failed: failed.load(ordering: .relaxed),
      skipped: skipped.load(ordering: .relaxed), filtered: filtered.load(ordering: .relaxed),
      cancelled: cancelled.load(ordering: .relaxed), expanded: expanded.load(ordering: .relaxed),
      combined: combined.load(ordering: .relaxed), attempts: attempts.load(ordering: .relaxed),
      bytes: bytes.load(ordering: .relaxed),
      queueHighWater: highWater.load(ordering: .relaxed), tasks: life.mostTasks,
      busyNanoseconds: max(0, life.nanoseconds(at: now) - blocked - starved - delayed), blockedNanoseconds: blocked,
      starvedNanoseconds: starved, delayedNanoseconds: delayed, note: details.note, metrics: details.metrics)
  }
}
