import Glibc
import Synchronization

/// Whether calls of one kind have had to wait recently, for a disk say, or would have: then they are better made by
/// other threads, or by the ring.
package final class BlockingDetector: Sendable {
  private let memory: Int
  /// Calls to go until it is forgotten.
  private let remembered = Atomic(0)

  /// - Parameter memory: for so many calls after one that had to wait it is said that they do. The default is a guess.
  package init(memory: Int = 32) {
    self.memory = memory
  }

  package var recentlyBlocked: Bool { remembered.load(ordering: .relaxed) > 0 }

  /// Makes the call, and notes whether the thread had to wait in it. Time would not tell: a thread that loses its
  /// processor to another is slow, too.
  package func measure<R>(_ call: () -> R) -> R {
    let before = Self.waits
    let result = call()
    if Self.waits != before { noteBlocked() } else { pass() }
    return result
  }

  /// A call has had to wait, or would have.
  package func noteBlocked() {
    remembered.store(memory, ordering: .relaxed)
  }

  /// A call has been made of which nothing is known.
  package func pass() {
    if recentlyBlocked { remembered.subtract(1, ordering: .relaxed) }
  }

  /// `RUSAGE_THREAD`, which the C library declares only with `_GNU_SOURCE`.
  private static let thread = __rusage_who_t(1)

  /// How often the thread has given up its processor to wait for something (getrusage(2)).
  private static var waits: Int {
    var usage = rusage()
    getrusage(thread, &usage)
    return usage.ru_nvcsw
  }
}
