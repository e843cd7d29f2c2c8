import Synchronization

/// What a loop has done so far; written by its thread, read by any thread.
final class LoopCounters: Sendable {
  private let operations = Atomic<UInt64>(0)
  private let enters = Atomic<UInt64>(0)
  private let strayCompletions = Atomic<UInt64>(0)

  func countOperations(_ count: UInt64) {
    // Only the loop's thread writes: a load and a store need no locked instruction.
    operations.store(operations.load(ordering: .relaxed) + count, ordering: .relaxed)
  }

  func publish(enters: UInt64, strayCompletions: UInt64) {
    self.enters.store(enters, ordering: .relaxed)
    self.strayCompletions.store(strayCompletions, ordering: .relaxed)
  }

  var snapshot: RingLoop.Statistics {
    RingLoop.Statistics(
      operations: operations.load(ordering: .relaxed), enters: enters.load(ordering: .relaxed),
      strayCompletions: strayCompletions.load(ordering: .relaxed))
  }
}

extension RingLoop {
  /// What a loop has done since it was made.
  public struct Statistics: Sendable, Hashable {
    /// Operations put on the submission queue, those that wake the loop included.
    public let operations: UInt64
    /// Calls of io_uring_enter(2).
    public let enters: UInt64
    /// Completions that belonged to no operation in flight, and messages that found no room; both were dropped. 0
    /// unless something else posts to this ring.
    public let strayCompletions: UInt64
  }

  /// What the loop has done so far. Callable from any thread; at most one turn of the loop behind.
  public var statistics: Statistics { counters.snapshot }
}
