import FileEngines
import LinuxSystem
import Synchronization
import SystemPackage

/// A directory that has been opened and listed, and those of its subdirectories that helpers list before the walk comes
/// to them.
final class ListedDirectory: Sendable {
  let directory: DirectoryReference
  let entries: [DirectoryListing.Entry]
  /// What went wrong with some of the entries, by where their names begin.
  private let failures: [UInt32: Errno]
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

  /// Asks which of its subdirectories the walk enters, and may wait for the disk to know their status.
  init(_ directory: DirectoryReference, _ listing: DirectoryListing, at place: WalkPlace, _ options: WalkOptions) {
    (self.directory, self.place) = (directory, place)
    failure = listing.failure
    var (entries, failures) = (listing.entries, listing.failures)
    if options.descends != nil {
      let memory = FileStatus.Memory()
      for index in entries.indices where entries[index].isDirectory {
        let reference = Self.reference(to: entries[index], in: directory)
        switch options.descent(into: reference, depth: place.depth + 1, memory) {
        case .entered: break
        case .passedBy: entries[index].flags.insert(.isPassedBy)
        case .failed(let errno):
          entries[index].flags.insert(.isFailure)
          failures[entries[index].start] = errno
        }
      }
    }
    (self.entries, self.failures) = (entries, failures)
  }

  func reference(to entry: DirectoryListing.Entry) -> FileReference {
    Self.reference(to: entry, in: directory)
  }

  private static func reference(
    to entry: DirectoryListing.Entry, in directory: DirectoryReference
  ) -> FileReference {
    // The slash behind a directory's name is not part of it.
    let count = Int(entry.count) - (entry.isDirectory ? 1 : 0)
    return FileReference(
      in: directory, start: Int(entry.start), count: count, inode: entry.inode,
      listedKind: entry.flags.contains(.isFollowed) ? nil : entry.kind)
  }

  /// What a walk gives for an entry that it does not enter.
  func walkEntry(_ entry: DirectoryListing.Entry) -> WalkEntry {
    let reference = reference(to: entry)
    if entry.flags.contains(.isFailure), let errno = failures[entry.start] {
      return WalkEntry(.failure(FileError(reference, .stat, .system(errno))), entry.kind, depth: place.depth + 1)
    }
    return WalkEntry(.success(reference), entry.kind, depth: place.depth + 1)
  }

  /// The place of the subdirectory at this position.
  func place(of position: Int) -> WalkPlace {
    place.descending(position, isLink: entries[position].flags.contains(.isFollowed))
  }

  /// True once: when it should be put into the queue of those whose subdirectories are listed ahead. It has some.
  func entersQueue() -> Bool {
    entries.contains { $0.isEntered } && !isInQueue.exchange(true, ordering: .relaxed)
  }

  /// The next subdirectory that has not been asked for, for the caller to list, if there is one and fewer than `limit`
  /// are ahead of the walk; and whether another one may be asked for now.
  ///
  /// - Parameter limit: how many may be ahead of the walk.
  func askForNext(limit: Int) -> (pending: PendingListing?, hasMore: Bool) {
    ahead.withLock { ahead in
      guard let position = seek(&ahead, limit) else { return (nil, false) }
      ahead.position += 1
      let pending = PendingListing(reference(to: entries[position]), at: place(of: position))
      ahead.pending[position] = pending
      return (pending, seek(&ahead, limit) != nil)
    }
  }

  /// The position of the next subdirectory that may be asked for.
  private func seek(_ ahead: inout Ahead, _ limit: Int) -> Int? {
    while ahead.position < entries.count, !entries[ahead.position].isEntered { ahead.position += 1 }
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
