import Glibc
import Synchronization

/// Bounds the memory for names from a list or a manifest that are longer than `PATH_MAX`: how many bytes of them are
/// between the source and the results.
///
/// A window of ordinary names needs at most 16 MiB. Paths in a tree of a thousand levels may have 256 KiB each, and the
/// same window would take a gigabyte.
final class LongPathBudget: Sendable {
  /// Shorter names are not counted.
  static let threshold = Int(PATH_MAX)
  /// In bytes. A guess: enough for a hundred files at the bottom of such a tree.
  static let limit = 32 << 20
  /// Between two checks. A guess: as long as opening such a file takes, component by component.
  private static let pauseMicroseconds: UInt32 = 1000

  private let outstanding = Atomic<Int>(0)

  /// Called when a name of `count` bytes has been read.
  func add(_ count: Int) {
    if count > Self.threshold { outstanding.add(count, ordering: .relaxed) }
  }

  /// Called when the result for that name has been delivered.
  func remove(_ count: Int) {
    if count > Self.threshold { outstanding.subtract(count, ordering: .relaxed) }
  }

  var hasRoom: Bool { outstanding.load(ordering: .relaxed) < Self.limit }

  /// Blocks until there is room for one more name. The source must have delivered the names that it has read before.
  ///
  /// - Throws: if the task is cancelled meanwhile, since there will be no more results.
  func waitForRoom() throws(CancellationError) {
    while !hasRoom {
      if Task.isCancelled { throw CancellationError() }
      usleep(Self.pauseMicroseconds)
    }
  }
}
