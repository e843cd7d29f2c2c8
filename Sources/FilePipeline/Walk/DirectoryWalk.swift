import FileEngines
import Glibc
import IOUring
import SystemPackage

/// What a walk meets: a file, or what went wrong instead.
public typealias FileEntry = Result<FileReference, FileError>

/// A walk through directory trees, depth first, sorted: the regular files come in the byte order of their paths.
///
/// A root is followed if it is a symbolic link; links inside the trees are not. FIFOs, sockets and devices are skipped;
/// named as a root they are failures. A directory that cannot be read is a failure in its place, and the walk
/// continues; of one that cannot be read to its end the failure comes before what was found in it.
///
/// It holds the entries of the directories from a root down to where it is, whatever the number of files beside them,
/// and reaches any depth with few descriptors (``FileEngines/DirectoryReference``). A directory that something else
/// takes the place of is not followed out of the tree. Its calls block on the disk; it is meant for a thread of its own
/// (``FileEngines/ThreadExecutor``).
public struct DirectoryWalk: ~Copyable {
  /// How many entries come together at most. A pipeline passes on each batch before it asks for the next, and sorts by
  /// inode within it: as many as it wants to sort.
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
  private let helpers: ListingAhead
  /// Of so many levels, from the uppermost on, the subdirectories are listed ahead.
  private var levelsAhead = 0

  /// - Parameter roots: paths of directories or files, byte for byte; they are walked in this order.
  public init(_ roots: [[UInt8]]) {
    self.init(roots, WaitPace())
  }

  /// - Parameter pace: says whether listing directories has had to wait recently.
  init(_ roots: [[UInt8]], _ pace: WaitPace) {
    self.roots = roots[...]
    helpers = ListingAhead(pace)
  }

  /// The next entries, at most ``batchSize``; nil at the end. They do not wait for the next listing or root where those
  /// are slow.
  ///
  /// - Throws: when the task is cancelled, which is checked once for each directory. The entries that it has not given
  ///   yet are lost then.
  public mutating func nextBatch() throws(CancellationError) -> [FileEntry]? {
    var batch: [FileEntry] = []
    batch.reserveCapacity(Self.batchSize)
    while batch.count < Self.batchSize {
      if Task.isCancelled { throw CancellationError() }
      let mayGrow = levels.isEmpty ? beginRoot(&batch) : takeFiles(&batch)
      if !mayGrow { break }
    }
    return batch.isEmpty ? nil : batch
  }

  // MARK: Levels

  /// Takes the files of the deepest level until it meets a directory or its end.
  ///
  /// - Returns: whether the batch may wait for what comes next.
  private mutating func takeFiles(_ batch: inout [FileEntry]) -> Bool {
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
      if entry.isDirectory && !batch.isEmpty && helpers.mayWait(toList: position, of: listed) { return false }
      levels[last].position += 1
      if entry.isDirectory {
        enter(listed.reference(to: entry), helpers.list(position, of: listed, through: buffer), &batch)
        return true
      }
      batch.append(.success(listed.reference(to: entry)))
    }
    return true
  }

  /// Makes a directory the deepest level.
  private mutating func enter(_ directory: FileReference, _ listed: Listed, _ batch: inout [FileEntry]) {
    switch listed {
    case .success(let listed):
      if let errno = listed.failure { batch.append(.failure(FileError(directory, .list, .system(errno)))) }
      levels.append(Level(listed: listed))
      listAhead()
    case .failure(let errno):
      batch.append(.failure(FileError(directory, .list, .system(errno))))
    }
  }

  /// Has what is below the present levels listed before the walk comes to it, if that is worth it.
  private mutating func listAhead() {
    guard helpers.isWorthwhile else { return }
    while levelsAhead < levels.count {
      helpers.listAhead(in: levels[levelsAhead].listed)
      levelsAhead += 1
    }
  }

  // MARK: Roots

  /// - Returns: whether there is one, and the batch may wait for it.
  private mutating func beginRoot(_ batch: inout [FileEntry]) -> Bool {
    guard let root = roots.first else { return false }
    let reference = FileReference(path: root)
    if !batch.isEmpty && helpers.mayWait(for: reference) { return false }
    roots.removeFirst()
    switch helpers.kind(of: reference) {
    case .failure(let errno):
      batch.append(.failure(FileError(path: root, operation: .open, cause: .system(errno))))
    case .success(.regular):
      batch.append(.success(reference))
    case .success(.directory):
      enter(reference, helpers.list(reference, through: buffer), &batch)
    case .success:
      batch.append(.failure(FileError(path: root, operation: .open, cause: .notRegular)))
    }
    return true
  }
}
