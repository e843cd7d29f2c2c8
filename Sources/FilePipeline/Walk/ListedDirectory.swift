import FileEngines
import LinuxSystem
import SystemPackage

/// A directory that has been opened and listed.
final class ListedDirectory: Sendable {
  let directory: DirectoryReference
  let orderKey: WalkOrderKey
  private let listing: DirectoryListing

  /// Calls ``WalkOptions/descends`` for each subdirectory, and may block on the disk to read their status.
  init(_ directory: DirectoryReference, _ listing: DirectoryListing, at orderKey: WalkOrderKey, _ options: WalkOptions)
  {
    (self.directory, self.orderKey) = (directory, orderKey)
    var listing = listing
    if options.descends != nil {
      let memory = FileStatus.Memory()
      for index in listing.entries.indices where listing.entries[index].isDirectory {
        let reference = Self.reference(to: listing.entries[index], in: directory)
        listing.mark(index, options.descent(into: reference, depth: orderKey.depth + 1, memory))
      }
    }
    self.listing = listing
  }

  var entries: [DirectoryListing.Entry] { listing.entries }

  /// Why there may be further entries, if not all of it could be read.
  var failure: Errno? { listing.failure }

  func reference(to entry: DirectoryListing.Entry) -> FileReference {
    Self.reference(to: entry, in: directory)
  }

  private static func reference(
    to entry: DirectoryListing.Entry, in directory: DirectoryReference
  ) -> FileReference {
    // The count of a directory includes the slash.
    let count = Int(entry.count) - (entry.isDirectory ? 1 : 0)
    return FileReference(
      in: directory, start: Int(entry.start), count: count, inode: entry.inode,
      listedKind: entry.flags.contains(.isFollowed) ? nil : entry.kind)
  }

  /// What the walk gives for an entry that it does not enter.
  func walkEntry(_ entry: DirectoryListing.Entry) -> WalkEntry {
    let reference = reference(to: entry)
    if let errno = listing.failure(of: entry) {
      return WalkEntry(.failure(FileError(reference, .stat, .system(errno))), entry.kind, depth: orderKey.depth + 1)
    }
    return WalkEntry(.success(reference), entry.kind, depth: orderKey.depth + 1)
  }

  /// The order key of the subdirectory at this position.
  func orderKey(of position: Int) -> WalkOrderKey {
    orderKey.descending(position, isLink: entries[position].flags.contains(.isFollowed))
  }

  /// The positions of the subdirectories that the walk enters, from `start` on.
  func subdirectories(from start: Int) -> [Int] {
    (start..<entries.count).filter { entries[$0].isEntered }
  }
}

extension ListedDirectory: Hashable {
  static func == (a: ListedDirectory, b: ListedDirectory) -> Bool { a === b }

  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
