import FileEngines
import IOUring
import Synchronization
import SystemPackage

/// A directory that has been opened and listed, and those of its subdirectories that helpers list before the walk comes
/// to them.
final class ListedDirectory: Sendable {
  let directory: DirectoryReference
  let entries: [DirectoryListing.Entry]
  /// Why there may be others in it, if not all of it could be read.
  let failure: Errno?
  let place: WalkPlace

  private struct Ahead {
    /// Subdirectories before this position have been asked for, or the walk has come to them.
    var position = 0
    var pending: [Int: PendingListing] = [:]
    /// So many were ahead of the walk that no more were to be asked for.
    var isResting = false
  }

  private let ahead = Mutex(Ahead())
  private let isInQueue = Atomic(false)

  init(_ directory: DirectoryReference, _ listing: DirectoryListing, at place: WalkPlace) {
    (self.directory, self.place) = (directory, place)
    (entries, failure) = (listing.entries, listing.failure)
  }

  func reference(to entry: DirectoryListing.Entry) -> FileReference {
    // The slash behind a directory's name is not part of it.
    let count = Int(entry.count) - (entry.isDirectory ? 1 : 0)
    return FileReference(
      in: directory, start: Int(entry.start), count: count, inode: entry.inode,
      listedKind: entry.isDirectory ? .directory : .regular)
  }

  /// True once: when it should be put into the queue of those whose subdirectories are listed ahead. It has some.
  func entersQueue() -> Bool {
    entries.contains { $0.isDirectory } && !isInQueue.exchange(true, ordering: .relaxed)
  }

  /// The next subdirectory that has not been asked for, for the caller to list, if there is one and fewer than `limit`
  /// are ahead of the walk; and whether another one may be asked for now.
  ///
  /// - Parameter limit: how many may be ahead of the walk.
  func askForNext(limit: Int) -> (pending: PendingListing?, hasMore: Bool) {
    ahead.withLock { ahead in
      guard let position = seek(&ahead, limit) else { return (nil, false) }
      ahead.position += 1
      let pending = PendingListing(reference(to: entries[position]), at: place.descending(position))
      ahead.pending[position] = pending
      return (pending, seek(&ahead, limit) != nil)
    }
  }

  /// The position of the next subdirectory that may be asked for.
  private func seek(_ ahead: inout Ahead, _ limit: Int) -> Int? {
    while ahead.position < entries.count, !entries[ahead.position].isDirectory { ahead.position += 1 }
    if ahead.position == entries.count { return nil }
    ahead.isResting = ahead.pending.count >= limit
    return ahead.isResting ? nil : ahead.position
  }

  /// Whether the subdirectory at this position has been listed ahead of the walk. Nil if no thread has been asked to.
  func isListed(_ position: Int) -> Bool? {
    ahead.withLock { $0.pending[position] }?.isFinished
  }

  /// The walk has come to the subdirectory at this position. Nil if no thread has been asked to list it; none will be.
  func claim(_ position: Int) -> PendingListing? {
    ahead.withLock { ahead in
      ahead.position = max(ahead.position, position + 1)
      return ahead.pending.removeValue(forKey: position)
    }
  }

  /// True once after a rest: when no more than half of the limit are ahead of the walk.
  func endsRest(limit: Int) -> Bool {
    ahead.withLock { ahead in
      guard ahead.isResting, ahead.pending.count <= limit / 2 else { return false }
      ahead.isResting = false
      return true
    }
  }
}

/// What became of listing a directory.
typealias Listed = Result<ListedDirectory, Errno>

/// A directory that a helper lists.
final class PendingListing: Sendable {
  let reference: FileReference
  let place: WalkPlace
  private let result = Latch<Listed>()

  init(_ reference: FileReference, at place: WalkPlace) {
    (self.reference, self.place) = (reference, place)
  }

  func finish(_ listed: Listed) {
    result.open(with: listed)
  }

  var isFinished: Bool { result.isSet }

  /// Blocks until it is listed.
  func wait() -> Listed { result.wait() }
}
