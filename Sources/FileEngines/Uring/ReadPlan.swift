/// How the engine of rings reads a file. This is the one place that decides it, from facts: the engine asks the kernel
/// for them and does what the plan says.
struct ReadPlan: Sendable, Hashable {
  /// What the page cache has of the file, as far as the kernel has told.
  enum Cached: Sendable, Hashable {
    case perhaps
    /// The kernel cannot count it: before Linux 6.5, and of a file that the user neither owns nor may write. The ring's
    /// read tries the cache, too.
    case unknown
    case nothing
  }

  /// What is tried on the thread of the loop, where it must not wait.
  enum Attempt: Sendable, Hashable {
    case none
    /// preadv2(2) with `RWF_NOWAIT`; where the file system does not know that, pread(2) if it seldom waits
    /// (``PlainReads``).
    case cachedRead
    case call
  }

  /// What reads when the attempt has brought nothing.
  enum Path: Sendable, Hashable {
    case ring
    /// The ring if the file is on a disk's file system (``OpenFile/isOnDisk``), else a helper.
    case ringIfOnDisk
    /// pread(2) on a helper thread.
    case helper
  }

  var pageCache: FileEngineConfiguration.PageCacheUse
  var fileSystem: FileSystemKind
  var cached = Cached.perhaps
  /// In bytes.
  var size: Int64 = 0
  /// Whether reads go around the page cache already (`O_DIRECT`).
  var isDirect = false
  /// Whether the file is known to be on a disk's file system.
  var isFoundOnDisk = false
  /// Whether calls on this loop have had to wait recently; true off the loops.
  var recentlyBlocked = false
}

// MARK: A file that has just been opened

extension ReadPlan {
  /// How many bytes of a large file are looked at together, each time that so many have been read: more than the kernel
  /// reads ahead (128 KiB to a few MiB). Counting 4,096 pages takes a hundredth of the time that copying them does.
  static let countedBytes: Int64 = 16 << 20

  /// Whether to ask first what the page cache has (cachestat(2)): that an inode is in memory, because a walk has asked
  /// for its status, say, tells nothing of the contents. An attempt in vain makes the kernel read this file ahead by
  /// itself, whereas what is submitted to a ring together goes to the disk together: copying 117,745 files from a cold
  /// disk took 126,000 requests with the attempts, 31,000 without.
  ///
  /// - Parameter wereUncached: whether recent files of the loop have had nothing in the cache.
  func countsCachedBytes(wereUncached: Bool) -> Bool {
    wereUncached && pageCache != .bypass && fileSystem.countsCachedPages
  }

  /// - Parameter cachedBytes: of the first ``countedBytes``; nil if the kernel cannot tell.
  static func cached(_ cachedBytes: Int64?) -> Cached {
    switch cachedBytes {
    case 0: .nothing
    case nil: .unknown
    default: .perhaps
    }
  }

  /// Whether one read that does not wait is to bring all of a small file, before its size is known.
  var readsSmallFileAtOnce: Bool {
    cached == .perhaps && pageCache != .bypass && !fileSystem.plainReadsSeldomWait
  }

  /// Whether to read around the page cache: nothing is lost where it has nothing of the file, and it is not filled with
  /// what is read once.
  var goesAroundCache: Bool {
    pageCache == .bypass || pageCache == .auto && cached == .nothing
  }

  /// Whether it pays to find out first if the file is on a disk: the ring will be asked for it.
  var looksForDisk: Bool {
    fileSystem.mayHideDaemons && (isDirect || cached != .perhaps || recentlyBlocked)
  }
}

// MARK: One read

extension ReadPlan {
  /// What is tried first, for a read at `offset`.
  func attempt(at offset: Int64) -> Attempt {
    if fileSystem.isReadByCalls { return .none }
    // Where sizes are not believed most files end at their size all the same, and one read says so.
    let isUsualEnd = fileSystem.mayHideDaemons && !isFoundOnDisk && offset == size && offset > 0
    if isUsualEnd && !recentlyBlocked { return .call }
    return cached == .perhaps && !isDirect ? .cachedRead : .none
  }

  var path: Path {
    if fileSystem.isReadByCalls { return .helper }
    return fileSystem.mayHideDaemons && !isFoundOnDisk ? .ringIfOnDisk : .ring
  }
}

// MARK: A large file

extension ReadPlan {
  /// Whether several reads are to be in flight, of what is left behind `offset`.
  func readsAhead(from offset: Int64) -> Bool {
    path != .helper && size - offset >= ReadAhead.worthwhile
  }

  /// Whether to look, while the file comes from the page cache, how much of the rest is there. A reader makes the
  /// kernel read on behind it, into the cache, at the speed of the disk. A reader that is no faster (it computes
  /// checksums, say) would never reach the end of what is cached: all of the file would go through the cache and be
  /// copied out of it, because a little of it was there.
  var watchesCache: Bool { pageCache == .auto }

  /// Whether to go on reading from the page cache.
  ///
  /// - Parameters:
  ///   - cachedBytes: of the next `count`; nil if the kernel cannot tell. If it counts none, although some have just
  ///     been read, the file system keeps them elsewhere, as an overlayfs does.
  static func staysInCache(cachedBytes: Int64?, of count: Int64) -> Bool {
    guard let cachedBytes, cachedBytes > 0 else { return true }
    return cachedBytes >= count / 2
  }

  /// Whether what is read ahead goes around the page cache: so much is not worth a copy, nor what it would drive out.
  var readsAheadAroundCache: Bool { pageCache == .auto && !isDirect }
}
