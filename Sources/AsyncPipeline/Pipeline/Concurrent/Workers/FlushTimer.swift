import Synchronization

/// Bounds the time for which finished elements are withheld so that they leave together.
///
/// Workers that share an executor pass elements on by the batch, and a batch may never fill. So a worker that finishes
/// an element passes everything on if nothing has left for ``limit``. That does not help while all workers are busy
/// with elements that take long: a task of the stage sleeps while something is withheld, and then passes it on.
///
/// A sleep costs two context switches, and the batches of small files from the page cache leave every few milliseconds
/// anyway. So a sleep that finds nothing late is followed by a longer one.
@usableFromInline
final class FlushTimer: Sendable {
  /// A guess: too short for a person to notice, and long enough that a batch of elements which take 30 µs each is full.
  @usableFromInline static let limit: Duration = .milliseconds(10)
  /// Of a sleep. A guess: with it a run over 12,000 files from the page cache has some ten sleeps.
  @usableFromInline static let longestSleep: Duration = .milliseconds(80)

  private let isArmed = Atomic<Bool>(false)
  /// Holds one when something is withheld.
  private let signals = Channel<Void>(capacity: 1)
  /// The waits of the timer's task, which the end of the stage interrupts.
  @usableFromInline let wait = InterruptibleWait()

  @usableFromInline
  init() {}

  /// For a worker that has withheld something.
  ///
  /// The worker has held the lock of the queue or reorder buffer in which it left the element. The timer's task disarms
  /// and then takes the same lock to look for what is withheld. If the worker's lock comes first, the timer's task sees
  /// the element; else the worker sees the timer disarmed, and arms it.
  @inlinable
  func arm() {
    if !isSet { set() }
  }

  @usableFromInline var isSet: Bool { isArmed.load(ordering: .relaxed) }

  @usableFromInline
  func set() {
    if !isArmed.exchange(true, ordering: .acquiringAndReleasing) { _ = signals.trySend(()) }
  }

  /// Before a look at what is withheld: from now on workers arm the timer again.
  @usableFromInline
  func disarm() {
    isArmed.store(false, ordering: .releasing)
  }

  /// Returns when something is withheld, or the task is cancelled.
  @usableFromInline
  func untilArmed() async {
    _ = await signals.next()
  }
}

/// When elements last left a work queue, or the reorder buffer that several work queues share.
@usableFromInline
final class LastFlush: Sendable {
  private static let limit = Int64(FlushTimer.limit / .nanoseconds(1))

  /// In nanoseconds. Initially so long ago that the first element waits for no others.
  private let time = Atomic<Int64>(-LastFlush.limit)

  @usableFromInline
  init() {}

  /// Whether finished elements are not to wait any longer.
  @usableFromInline
  func isLate(at now: Int64) -> Bool {
    now - time.load(ordering: .relaxed) >= Self.limit
  }

  @usableFromInline
  func note(at now: Int64) {
    time.store(now, ordering: .relaxed)
  }
}
