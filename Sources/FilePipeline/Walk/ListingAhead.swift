import Dispatch
import FileEngines
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// What became of listing a directory.
typealias Listed = Result<ListedDirectory, Errno>

/// Lists directories for a walk. The walk's own thread lists the next directory; where listing waits for a disk, other
/// threads list later directories ahead of the walk.
///
/// Listing one directory after another, a walk asks a disk for one block at a time, and on a busy disk each request
/// waits behind the reads of a hundred files. Where directories are cached, listing ahead would only cost: it begins
/// when a thread has had to wait for a listing, and pauses when none has had to recently.
///
/// The threads hold it until ``close()``.
final class ListingAhead: Sendable {
  typealias Queue = ListingQueue<ListedDirectory, Listed>

  /// Guesses: on a busy disk a directory takes some milliseconds, and a walk is to give some ten directories in one.
  /// Each thread has a directory open, so that a low limit on descriptors allows fewer.
  private static let threadCount = max(1, min(16, DescriptorLimit.soft / 8))
  /// A guess: more directories than a window of files refers to, and a few megabytes.
  private static let limits = Queue.Limits(directories: 1024, perParent: 16, entries: 1 << 15)

  private let detector: BlockingDetector
  private let options: WalkOptions
  private let queue = Mutex(Queue(limits))
  /// Signalled for each thread that is woken.
  private let requests = DispatchSemaphore(value: 0)
  /// Signalled when what the walk waits for is listed.
  private let results = DispatchSemaphore(value: 0)
  /// How many threads were started; nil if listing ahead was not wanted before.
  private let threads = Mutex<Int?>(nil)

  init(_ detector: BlockingDetector, _ options: WalkOptions = WalkOptions()) {
    (self.detector, self.options) = (detector, options)
  }

  /// Ends the threads, each when it has listed its directory.
  func close() {
    for _ in 0..<queue.withLock({ $0.close() }) { requests.signal() }
  }

  // MARK: For the walk

  /// What a root is.
  func kind(of root: FileReference) -> Result<FileStatus.Kind, Errno> {
    detector.measure { root.kindFollowingLinks() }
  }

  /// Whether ``kind(of:)`` is likely to wait for a root. Files before it are passed on first.
  func mayWait(for root: FileReference) -> Bool {
    detector.recentlyBlocked || root.isLikelyToWait
  }

  /// Opens and lists a root.
  func list(_ root: FileReference, through buffer: IOBuffer) -> Listed {
    list(root, WalkOrderKey(), buffer)
  }

  /// Whether ``list(_:of:through:)`` would wait for a subdirectory, or is likely to. Files before it are passed on
  /// first.
  func mayWait(toList position: Int, of parent: ListedDirectory) -> Bool {
    switch queue.withLock({ $0.isListed(position, of: parent) }) {
    case .some(let isListed): !isListed
    case .none: detector.recentlyBlocked || parent.reference(to: parent.entries[position]).isLikelyToWait
    }
  }

  /// Opens and lists a subdirectory, or waits until a thread has done that.
  func list(_ position: Int, of parent: ListedDirectory, through buffer: IOBuffer) -> Listed {
    while true {
      let (taken, wakes) = queue.withLock { queue in
        (queue.take(position, of: parent), queue.wakesThread(detector.recentlyBlocked))
      }
      if wakes { requests.signal() }
      switch taken {
      case .notRequested:
        return list(parent.reference(to: parent.entries[position]), parent.orderKey(of: position), buffer)
      case .pending: results.wait()
      case .listed(let listed): return listed
      }
    }
  }

  /// Whether listing ahead is worth it at present. Starts the threads when it is for the first time.
  var isWorthwhile: Bool {
    detector.recentlyBlocked
      && threads.withLock { threads in
        let count = threads ?? startListers()
        threads = count
        return count > 0
      }
  }

  /// Has a directory's subdirectories listed ahead, from a position on. Threads that sleep may find others to list,
  /// too: when listing had not waited recently, nothing was requested of them.
  func listAhead(in directory: ListedDirectory, from position: Int) {
    let subdirectories = directory.subdirectories(from: position)
    let wakes = queue.withLock { queue in
      queue.add(directory, at: directory.orderKey, subdirectories)
      return queue.wakesThread(detector.recentlyBlocked)
    }
    if wakes { requests.signal() }
  }

  // MARK: Threads

  private func startListers() -> Int {
    startThreads(Self.threadCount, name: "file-lister") {
      let buffer = IOBuffer(capacity: DirectoryWalk.recordBufferSize)
      while let (position, parent) = self.next() {
        let listed = self.list(parent.reference(to: parent.entries[position]), parent.orderKey(of: position), buffer)
        self.finish(position, parent, listed)
      }
    }.count
  }

  /// Waits until there is something to be listed. Nil at the end.
  private func next() -> (position: Int, parent: ListedDirectory)? {
    while true {
      let (order, wakes) = queue.withLock { queue in
        (queue.next(detector.recentlyBlocked), queue.wakesThread(detector.recentlyBlocked))
      }
      switch order {
      case .list(let position, let parent):
        if wakes { requests.signal() }
        return (position, parent)
      case .sleep: requests.wait()
      case .end: return nil
      }
    }
  }

  private func finish(_ position: Int, _ parent: ListedDirectory, _ listed: Listed) {
    let directory = try? listed.get()
    let subdirectories = detector.recentlyBlocked ? directory?.subdirectories(from: 0) : nil
    let wakesWalk = queue.withLock { queue in
      // The thread continues with its subdirectories.
      if let directory, let subdirectories { queue.add(directory, at: directory.orderKey, subdirectories) }
      return queue.finish(position, of: parent, listed, entries: directory?.entries.count ?? 0)
    }
    if wakesWalk { results.signal() }
  }

  private func list(_ reference: FileReference, _ orderKey: WalkOrderKey, _ buffer: IOBuffer) -> Listed {
    detector.measure {
      Result { () throws(Errno) in
        // Not listed as a directory: a root, or a link that is followed.
        let isLink = reference.listedKind == nil
        let descriptor = try reference.openDirectory(followSymbolicLink: isLink).get()
        if orderKey.isBehindLink && reference.directory.isOrIsIn(descriptor) {
          try? descriptor.close()
          throw .tooManySymbolicLinkLevels
        }
        let listing = DirectoryListing(descriptor, options, through: buffer)
        let directory = DirectoryReference(
          at: reference, names: listing.names, opened: descriptor, isBehindLink: isLink && orderKey.depth > 0)
        return ListedDirectory(directory, listing, at: orderKey, options)
      }
    }
  }
}
