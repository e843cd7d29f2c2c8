import Synchronization

/// What a stage counts while it runs. Tasks add what they did by the batch.
///
/// An element is the stage's `input` from the moment at which the stage before hands it over, that is, before the queue
/// has taken it. From then on whoever holds it must account for it: as `output` when it is handed over to the next
/// stage, else as what became of it. When all tasks have ended
///
///     input + expanded == output + failed + skipped + filtered + cancelled + combined
@usableFromInline
final class StageCounters: Sendable {
  @usableFromInline let name: String
  /// The lives of the stage's tasks.
  @usableFromInline let life: TimeSum
  /// Waiting for input.
  @usableFromInline let starved: TimeSum
  /// Waiting for room in the next stage, or for who takes failures.
  @usableFromInline let blocked: TimeSum
  /// Waiting because it is to.
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

  /// Elements came in, or went out.
  @usableFromInline
  func add(input: Int = 0, output: Int = 0) {
    if input != 0 { self.input.add(input, ordering: .relaxed) }
    if output != 0 { self.output.add(output, ordering: .relaxed) }
  }

  /// Elements went no further.
  @usableFromInline
  func add(failed: Int = 0, skipped: Int = 0, filtered: Int = 0, cancelled: Int = 0) {
    if failed != 0 { self.failed.add(failed, ordering: .relaxed) }
    if skipped != 0 { self.skipped.add(skipped, ordering: .relaxed) }
    if filtered != 0 { self.filtered.add(filtered, ordering: .relaxed) }
    if cancelled != 0 { self.cancelled.add(cancelled, ordering: .relaxed) }
  }

  /// Elements left the queue.
  @usableFromInline
  func add(taken: Int) {
    if taken != 0 { self.taken.add(taken, ordering: .relaxed) }
  }

  /// Elements that came into being: of `n` that one expanded to, all but one.
  @usableFromInline
  func add(expanded: Int) {
    if expanded != 0 { self.expanded.add(expanded, ordering: .relaxed) }
  }

  /// Elements that went into another one: of `n` that were put together, all but one.
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

  /// How many elements were handed over and not taken yet, which is noted if they never were so many.
  @usableFromInline
  func noteWaiting() -> Int {
    let waiting = input.load(ordering: .relaxed) - taken.load(ordering: .relaxed)
    if waiting > highWater.load(ordering: .relaxed) { highWater.max(waiting, ordering: .relaxed) }
    return waiting
  }

  // MARK: Details

  /// Operators whose calls the stage makes.
  @usableFromInline
  func add(operators: [String]) {
    details.withLock { $0.operators += operators }
  }

  /// A sentence for the report.
  @usableFromInline
  func note(_ sentence: String) {
    details.withLock { $0.note = sentence }
  }

  /// What a stage counts beside what every stage does.
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
