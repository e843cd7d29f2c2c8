import FileEngines
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// Lists directories before the walk comes to them, on helper threads, where listing waits for a disk.
///
/// One directory after another, a walk asks a disk for one block at a time, and on a busy disk each takes its turn
/// behind the reads of a hundred files. Where directories are cached listing them ahead would only cost: so it begins
/// when the thread that lists one has had to wait, and ends when that has not happened for a while.
final class ListingAhead: Sendable {
  /// Guesses: on a busy disk a directory takes some milliseconds, and a walk is to give some ten directories in one.
  /// Each thread has a directory open, and few descriptors are not to be used up by that.
  private static let threadCount = max(1, min(16, DescriptorLimit.soft / 8))
  /// A guess: more directories than a window of files refers to, and a few megabytes.
  private static let limits = ListingQueue.Limits(directories: 1024, perDirectory: 16, entries: 1 << 15)

  private let pace: WaitPace
  private let options: WalkOptions
  private let queue: ListingQueue
  /// How many threads there are; nil before they were wanted.
  private let threads = Mutex<Int?>(nil)

  init(_ pace: WaitPace, _ options: WalkOptions = WalkOptions()) {
    (self.pace, self.options) = (pace, options)
    queue = ListingQueue(pace, Self.limits)
  }

  deinit {
    queue.close()
  }

  /// What a root is.
  func kind(of root: FileReference) -> Result<FileStatus.Kind, Errno> {
    pace.noting { root.kindFollowingLinks() }
  }

  /// Whether ``kind(of:)`` is likely to wait for a root: the files before it need not.
  func mayWait(for root: FileReference) -> Bool {
    pace.callsWait || root.isLikelyToWait
  }

  /// Opens and lists a root.
  func list(_ root: FileReference, through buffer: IOBuffer) -> Listed {
    Self.list(root, WalkPlace(), pace, options, buffer)
  }

  /// Whether ``list(_:of:through:)`` would wait for a subdirectory, or is likely to: the files before it need not.
  func mayWait(toList position: Int, of parent: ListedDirectory) -> Bool {
    switch parent.isListed(position) {
    case .some(let isListed): !isListed
    case .none: pace.callsWait || parent.reference(to: parent.entries[position]).isLikelyToWait
    }
  }

  /// Opens and lists a subdirectory, or waits until that is done.
  func list(_ position: Int, of parent: ListedDirectory, through buffer: IOBuffer) -> Listed {
    guard let pending = parent.claim(position) else {
      let reference = parent.reference(to: parent.entries[position])
      return Self.list(reference, parent.place(of: position), pace, options, buffer)
    }
    let listed = pending.wait()
    queue.took(listed, from: parent)
    return listed
  }

  /// Whether listing ahead is worth it just now.
  var isWorthwhile: Bool { pace.callsWait && haveThreads() }

  /// Has a directory's subdirectories listed ahead.
  func listAhead(in directory: ListedDirectory) {
    queue.add(directory)
  }

  private func haveThreads() -> Bool {
    threads.withLock { threads in
      let count = threads ?? startListers()
      threads = count
      return count > 0
    }
  }

  private func startListers() -> Int {
    let listers = startThreads(Self.threadCount, name: "file-lister") { [queue, pace, options] in
      let buffer = IOBuffer(capacity: DirectoryWalk.recordBufferSize)
      while let pending = queue.next() {
        let listed = Self.list(pending.reference, pending.place, pace, options, buffer)
        if case .success(let directory) = listed { queue.listed(directory) }
        pending.finish(listed)
      }
    }
    return listers.count
  }

  private static func list(
    _ reference: FileReference, _ place: WalkPlace, _ pace: WaitPace, _ options: WalkOptions, _ buffer: IOBuffer
  ) -> Listed {
    pace.noting {
      Result { () throws(Errno) in
        // Not listed as a directory: a root, or a link that is followed.
        let isLink = reference.listedKind == nil
        let descriptor = try reference.openDirectory(followSymbolicLink: isLink).get()
        if place.isBehindLink && reference.directory.isOrIsIn(descriptor) {
          try? descriptor.close()
          throw .tooManySymbolicLinkLevels
        }
        let listing = DirectoryListing(descriptor, options, through: buffer)
        let directory = DirectoryReference(
          at: reference, names: listing.names, opened: descriptor, isBehindLink: isLink && place.depth > 0)
        return ListedDirectory(directory, listing, at: place, options)
      }
    }
  }
}
