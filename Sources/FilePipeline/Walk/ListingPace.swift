import Glibc
import Synchronization

/// Whether listing directories ahead is worth it, as the last listings have shown: not where they are cached.
final class ListingPace: Sendable {
  /// For so many directories after one that had to wait it is worth it. A guess.
  private static let patience = 32

  /// Directories to go until it ends.
  private let worthwhileFor = Atomic(0)

  var isWorthwhile: Bool { worthwhileFor.load(ordering: .relaxed) > 0 }

  /// Calls `body`, which lists a directory, and notes whether the thread had to wait in it. Time would not tell: a thread
  /// that loses its processor to another is slow, too.
  func noting<R>(_ body: () -> R) -> R {
    let before = Self.waits
    let result = body()
    if Self.waits != before {
      worthwhileFor.store(Self.patience, ordering: .relaxed)
    } else if isWorthwhile {
      worthwhileFor.subtract(1, ordering: .relaxed)
    }
    return result
  }

  /// `RUSAGE_THREAD`, which the C library shows only to those who ask for GNU's extensions.
  private static let thread = __rusage_who_t(1)

  /// How often the thread has given up its processor to wait for something (getrusage(2)).
  private static var waits: Int {
    var usage = rusage()
    getrusage(thread, &usage)
    return usage.ru_nvcsw
  }
}
