/// Counts the attempts of a worker, and says when other tasks of its executor get a turn, in case that no element made
/// the worker wait.
@usableFromInline
struct WorkerTurns: ~Copyable {
  /// How many elements a worker of many on an executor takes in one turn.
  @inlinable static var elements: Int { 16 }
  /// The same for a worker where the caller's tasks run. There a turn for others may wake a thread, which costs as much
  /// as some ten elements.
  @inlinable static var elementsWhereCallerRuns: Int { 64 }

  @usableFromInline let counters: StageCounters
  @usableFromInline let length: Int
  /// Attempts that have not been added to the counters.
  @usableFromInline var count = 0

  @inlinable
  init(_ counters: StageCounters, length: Int) {
    (self.counters, self.length) = (counters, length)
  }

  @inlinable
  deinit {
    counters.add(attempts: count)
  }

  @inlinable
  mutating func countAttempt() {
    count += 1
  }

  /// To be asked after each element.
  @inlinable
  mutating func isOver() -> Bool {
    if count < length { return false }
    counters.add(attempts: count)
    count = 0
    return true
  }
}
