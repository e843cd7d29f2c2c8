import Synchronization

/// A bounded number of threads that take work from one queue, in order: the next thread that is free takes the next
/// element.
package final class ThreadPool<Work: Sendable>: Sendable {
  private let name: String
  private let threadCount: Int
  private let queue = BlockingQueue<Work>()
  /// What opens when each thread has ended; empty until they are started.
  private let ends: Mutex<[Latch<Void>]> = Mutex([])

  /// - Parameters:
  ///   - name: of the threads; ps(1) and perf(1) show its first 15 bytes.
  ///   - threadCount: at least 1.
  package init(name: String, threadCount: Int) {
    (self.name, self.threadCount) = (name, threadCount)
  }

  /// Starts the threads unless they have been started: fewer where the system has no room
  /// (``startThreads(_:name:_:)``).
  ///
  /// - Parameter body: what each thread runs: it takes work until there is none.
  /// - Returns: how many threads there are; 0 where the system has no room for any. Then the next call tries again.
  @discardableResult
  package func start(_ body: @escaping @Sendable () -> Void) -> Int {
    ends.withLock { ends in
      if ends.isEmpty { ends = startThreads(threadCount, name: name, body) }
      return ends.count
    }
  }

  /// False if the pool has been closed.
  package func append(_ work: Work) -> Bool { queue.append(work) }

  /// Blocks until there is work. Nil once the pool has been closed and the queue is empty.
  package func take() -> Work? { queue.take() }

  /// Lets the threads finish the work in the queue and end.
  package func close() { queue.close() }

  /// The same, and waits until they have ended. Cancellation changes nothing.
  package func shutDown() async {
    close()
    for end in ends.withLock({ $0 }) { await end.value }
  }
}
