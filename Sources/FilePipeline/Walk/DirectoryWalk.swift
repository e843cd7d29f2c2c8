import FileEngines
import Glibc
import IOUring
import SystemPackage

/// A depth-first walk through directory trees, sorted: it gives regular files in the byte order of their paths, and the
/// other kinds that ``WalkOptions`` include. A directory that is given as an entry precedes its contents, and sorts as
/// if its path ended in a slash: `a-b`, then `a`, then `a/c`.
///
/// A root that is a symbolic link is followed; links inside the trees are followed only if the options say so. FIFOs,
/// sockets and devices are skipped; as roots they are failures unless special files are included. A directory that
/// cannot be read is a failure, and the walk continues. If a directory cannot be read to its end, the failure precedes
/// the entries that were found in it.
///
/// The walk holds the entries of the directories from a root down to the present one, so its memory does not depend on
/// the total number of files. It reaches any depth with few descriptors (``FileEngines/DirectoryReference``), and does
/// not leave the tree if a directory is replaced. Its calls block on the disk: it is meant for a thread of its own
/// (``FileEngines/ThreadExecutor``).
public struct DirectoryWalk: ~Copyable {
  /// The number of entries in a batch, at most. A pipeline passes on each batch before it requests the next, and sorts
  /// by inode within it.
  public static let batchSize = FilePipeline.window / 4
  /// Room for the kernel's records of some 2,000 entries.
  static let recordBufferSize = 64 * 1024

  private struct Level {
    let listed: ListedDirectory
    var position = 0
  }

  private var roots: ArraySlice<[UInt8]>
  private var levels: [Level] = []
  private let buffer = IOBuffer(capacity: recordBufferSize)
  let helpers: ListingAhead
  private let options: WalkOptions
  /// The filter of the options, unless it needs the status.
  private let earlyFilter: (@Sendable (WalkEntry) -> Bool)?
  private let statusMemory = FileStatus.Memory()
  /// The number of levels, from the uppermost on, whose subdirectories are listed ahead.
  private var levelsAhead = 0

  /// - Parameter roots: paths of directories or files, byte for byte; they are walked in this order.
  public init(_ roots: [[UInt8]], options: WalkOptions = WalkOptions()) {
    self.init(roots, options: options, BlockingDetector())
  }

  /// - Parameter detector: detects whether listing directories has had to wait recently.
  init(_ roots: [[UInt8]], options: WalkOptions = WalkOptions(), _ detector: BlockingDetector) {
    self.roots = roots[...]
    self.options = options
    earlyFilter = options.wantsStatus ? nil : options.filter
    helpers = ListingAhead(detector, options)
  }

  deinit {
    helpers.close()
  }

  /// The next entries, at most ``batchSize``; nil at the end. A batch is returned early if the next listing or root is
  /// likely to wait.
  ///
  /// - Throws: `CancellationError` when the task is cancelled, which is checked once for each directory. Entries that
  ///   were not returned are lost then.
  public mutating func nextBatch() throws(CancellationError) -> [WalkEntry]? {
    while true {
      var batch = try nextCandidates()
      if batch.isEmpty { return nil }
      if !options.wantsStatus { return batch }
      batch.addStatus(through: statusMemory)
      if let filter = options.filter { batch.removeAll { !$0.isFailure && !filter($0) } }
      if !batch.isEmpty { return batch }
    }
  }

  /// The next entries, without their status; none at the end.
  private mutating func nextCandidates() throws(CancellationError) -> [WalkEntry] {
    var batch: [WalkEntry] = []
    batch.reserveCapacity(Self.batchSize)
    while batch.count < Self.batchSize {
      if Task.isCancelled { throw CancellationError() }
      let mayGrow = levels.isEmpty ? beginRoot(&batch) : takeEntries(&batch)
      if !mayGrow { break }
    }
    return batch
  }

  private func append(_ entry: WalkEntry, to batch: inout [WalkEntry]) {
    if let earlyFilter, !entry.isFailure, !earlyFilter(entry) { return }
    batch.append(entry)
  }

  // MARK: Levels

  /// Takes the entries of the deepest level up to the next directory or the end.
  ///
  /// - Returns: whether the batch may wait for the next entries.
  private mutating func takeEntries(_ batch: inout [WalkEntry]) -> Bool {
    let last = levels.count - 1
    let listed = levels[last].listed
    while batch.count < Self.batchSize {
      let position = levels[last].position
      guard position < listed.entries.count else {
        levels.removeLast()
        levelsAhead = min(levelsAhead, last)
        return true
      }
      let entry = listed.entries[position]
      if entry.isEntered {
        if !hasRoomForDirectory(batch) || !batch.isEmpty && helpers.mayWait(toList: position, of: listed) {
          return false
        }
        levels[last].position += 1
        let directory = WalkEntry(.success(listed.reference(to: entry)), .directory, depth: levels.count)
        enter(directory, helpers.list(position, of: listed, through: buffer), &batch)
        return true
      }
      levels[last].position += 1
      if entry.isDirectory && !givesDirectory(entry) { continue }
      append(listed.walkEntry(entry), to: &batch)
    }
    return true
  }

  /// Whether a directory that is not entered is given as an entry.
  private func givesDirectory(_ entry: DirectoryListing.Entry) -> Bool {
    entry.flags.contains(.isFailure) || options.includes.contains(.directories)
  }

  /// A directory may give two entries at once: itself, and the failure to read all of it.
  private func hasRoomForDirectory(_ batch: [WalkEntry]) -> Bool { batch.count <= Self.batchSize - 2 }

  /// Makes a directory the deepest level.
  ///
  /// - Parameter directory: its own entry.
  private mutating func enter(_ directory: WalkEntry, _ listed: Listed, _ batch: inout [WalkEntry]) {
    switch listed {
    case .success(let listed):
      if options.includes.contains(.directories) { append(directory, to: &batch) }
      if let errno = listed.failure { batch.append(directory.failing(.list, .system(errno))) }
      levels.append(Level(listed: listed))
      listAhead()
    case .failure(let errno):
      batch.append(directory.failing(.list, .system(errno)))
    }
  }

  /// Has the subdirectories of the present levels listed ahead, if listing has had to wait recently.
  private mutating func listAhead() {
    guard helpers.isWorthwhile else { return }
    while levelsAhead < levels.count {
      helpers.listAhead(in: levels[levelsAhead].listed, from: levels[levelsAhead].position)
      levelsAhead += 1
    }
  }

  // MARK: Roots

  /// - Returns: whether there is a root, and the batch may wait for it.
  private mutating func beginRoot(_ batch: inout [WalkEntry]) -> Bool {
    guard let root = roots.first, hasRoomForDirectory(batch) else { return false }
    let reference = FileReference(path: root)
    if !batch.isEmpty && helpers.mayWait(for: reference) { return false }
    roots.removeFirst()
    switch helpers.kind(of: reference) {
    case .failure(let errno):
      batch.append(WalkEntry(.success(reference), .unknown, depth: 0).failing(.open, .system(errno)))
    case .success(.directory):
      beginDirectory(WalkEntry(.success(reference), .directory, depth: 0), reference, &batch)
    case .success(let kind):
      let entry = WalkEntry(.success(reference), kind, depth: 0)
      if options.takes(kind) { append(entry, to: &batch) } else { batch.append(entry.failing(.open, .notRegular)) }
    }
    return true
  }

  private mutating func beginDirectory(
    _ directory: WalkEntry, _ reference: FileReference, _ batch: inout [WalkEntry]
  ) {
    switch options.descent(into: reference, depth: 0, statusMemory) {
    case .entered: enter(directory, helpers.list(reference, through: buffer), &batch)
    case .skipped: if options.includes.contains(.directories) { append(directory, to: &batch) }
    case .failed(let errno): batch.append(directory.failing(.stat, .system(errno)))
    }
  }
}
