import Synchronization

/// Bounds the time for which finished elements are withheld so that they leave together.
///
/// Workers that share an executor pass elements on by the batch, and a batch may never fill. So a worker that finishes
/// an element passes everything on if nothing has left for ``limit``. That does not help while all workers are busy
/// with elements that take long: a task of the stage sleeps while something is withheld, and then passes it on.
///
/// A sleep costs two context switches, and the batches of small files from the page cache leave every few milliseconds
/// anyway. So the sleeps become longer as long as each of them was for nothing.
@usableFromInline
final class FlushTimer: Sendable {
  /// A guess: too short for a person to notice, and long enough that a batch of elements which take 30 µs each is full.
  @usableFromInline static let limit: Duration = .milliseconds(10)
  /// Of a sleep. A guess: with it a run over 12,000 files from the page cache has some ten sleeps.
  @usableFromInline static let longestSleep: Duration = .milliseconds(80)

  private let isArmed = Atomic<Bool>(false)
  /// Holds one when something is withheld.
  private let signals = Channel<Void>(capacity: 1)
  /// For what the timer's task waits, so that the stage can end.
  @usableFromInline let wait = InterruptibleWait()

  @usableFromInline
  init() {}

  /// For a worker that has withheld something.
  ///
  /// Called after the worker had the lock of the lane or the exit in which it left the element. The timer's task
  /// disarms, and takes the same lock when it looks for what is withheld: whichever has the lock first, the other sees
  /// what it did.
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

/// When something last left a lane, or the exit that several lanes share.
@usableFromInline
final class LastDeparture: Sendable {
  private static let limit = Int64(FlushTimer.limit / .nanoseconds(1))

  /// In nanoseconds. The first element waits for no others.
  private let time = Atomic<Int64>(-LastDeparture.limit)

  @usableFromInline
  init() {}

  /// Whether what is finished is to wait for no others.
  @usableFromInline
  func isLate(at now: Int64) -> Bool {
    now - time.load(ordering: .relaxed) >= Self.limit
  }

  @usableFromInline
  func note(at now: Int64) {
    time.store(now, ordering: .relaxed)
  }
}
