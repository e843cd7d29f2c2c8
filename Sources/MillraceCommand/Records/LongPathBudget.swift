import Glibc
import Synchronization

/// Bounds the memory for names that were read from a list or a manifest and are longer than a path that the kernel
/// takes: how many bytes of them are between the source and the results.
///
/// A window of ordinary names needs no more than 16 MiB. Paths in a tree of a thousand levels may have 256 KiB each,
/// and the same window would take a gigabyte.
final class LongPathBudget: Sendable {
  /// Shorter names are not counted.
  static let threshold = Int(PATH_MAX)
  /// In bytes. A guess: enough for a hundred files at the bottom of such a tree.
  static let limit = 32 << 20
  /// Between two looks. A guess: as long as the kernel takes to open such a file, piece by piece.
  private static let pauseMicroseconds: UInt32 = 1000

  private let outstanding = Atomic<Int>(0)

  /// A name of so many bytes has been read.
  func add(_ count: Int) {
    if count > Self.threshold { outstanding.add(count, ordering: .relaxed) }
  }

  /// Its result has been passed on.
  func remove(_ count: Int) {
    if count > Self.threshold { outstanding.subtract(count, ordering: .relaxed) }
  }

  var hasRoom: Bool { outstanding.load(ordering: .relaxed) < Self.limit }

  /// Blocks until there is room for one more name. For a source that has handed over what it has read before.
  ///
  /// - Throws: if the task is cancelled meanwhile: there will be no more results.
  func waitForRoom() throws(CancellationError) {
    while !hasRoom {
      if Task.isCancelled { throw CancellationError() }
      usleep(Self.pauseMicroseconds)
    }
  }
}
