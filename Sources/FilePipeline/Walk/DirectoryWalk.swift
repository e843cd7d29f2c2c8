import FileEngines
import Glibc
import IOUring
import SystemPackage

/// What a walk meets: a file, or what went wrong instead.
public typealias FileEntry = Result<FileReference, FileError>

/// A walk through directory trees, depth first, sorted: the regular files come in the byte order of their paths.
///
/// A root is followed if it is a symbolic link; links inside the trees are not. FIFOs, sockets and devices are passed by;
/// named as a root they are failures. A directory that cannot be read is a failure in its place, and the walk goes on.
///
/// It holds the entries of the directories from a root down to where it is, whatever the number of files beside them, and goes
/// to any depth with few descriptors (``FileEngines/DirectoryReference``). A directory that something else takes the place of
/// is not followed out of the tree. Its calls block on the disk; it is meant for a thread of its own
/// (``FileEngines/ThreadExecutor``).
public struct DirectoryWalk: ~Copyable {
  /// How many entries come together. A guess: four crossings' worth.
  public static let batchSize = 256
  /// Room for the kernel's records of some 2,000 entries.
  static let recordBufferSize = 64 * 1024

  private struct Level {
    let directory: DirectoryReference
    let entries: [DirectoryListing.Entry]
    var position = 0
    /// Subdirectories that are being listed ahead, by their position.
    var ahead: [Int: ListingAhead.Pending] = [:]
    /// Up to here they have been asked for.
    var aheadPosition = 0
  }

  private var roots: ArraySlice<[UInt8]>
  private var levels: [Level] = []
  private let buffer = IOBuffer(capacity: recordBufferSize)
  private let helpers = ListingAhead()
  /// Directories that are being listed ahead, on all levels.
  private var aheadCount = 0

  /// - Parameter roots: paths of directories or files, byte for byte; they are walked in this order.
  public init(_ roots: [[UInt8]]) {
    self.roots = roots[...]
  }

  /// The next entries, at most ``batchSize``; nil at the end.
  ///
  /// - Throws: when the task is cancelled, which is looked at once a directory. The entries that it has not given yet are lost
  ///   then.
  public mutating func nextBatch() throws(CancellationError) -> [FileEntry]? {
    var batch: [FileEntry] = []
    batch.reserveCapacity(Self.batchSize)
    while batch.count < Self.batchSize {
      if Task.isCancelled { throw CancellationError() }
      if !levels.isEmpty {
        goOn(&batch)
      } else if let root = roots.popFirst() {
        begin(root, &batch)
      } else {
        break
      }
    }
    return batch.isEmpty ? nil : batch
  }

  // MARK: Going on

  /// Takes the files of the deepest level until it meets a directory or its end.
  private mutating func goOn(_ batch: inout [FileEntry]) {
    let last = levels.count - 1
    while batch.count < Self.batchSize {
      let position = levels[last].position
      guard position < levels[last].entries.count else {
        levels.removeLast()
        return
      }
      levels[last].position += 1
      let entry = levels[last].entries[position]
      if entry.isDirectory { return descend(position, &batch) }
      batch.append(.success(reference(to: entry, in: levels[last].directory)))
    }
  }

  private func reference(to entry: DirectoryListing.Entry, in directory: DirectoryReference) -> FileReference {
    // The slash behind a directory's name is not part of it.
    let count = Int(entry.count) - (entry.isDirectory ? 1 : 0)
    return FileReference(in: directory, start: Int(entry.start), count: count, inode: entry.inode)
  }

  /// Goes down into the directory at this position of the deepest level.
  private mutating func descend(_ position: Int, _ batch: inout [FileEntry]) {
    let last = levels.count - 1
    let directory = reference(to: levels[last].entries[position], in: levels[last].directory)
    listAhead(from: position + 1)
    if let pending = levels[last].ahead.removeValue(forKey: position) {
      aheadCount -= 1
      enter(directory, pending.wait(), &batch)
    } else {
      enter(directory, helpers.list(directory, through: buffer), &batch)
    }
  }

  /// Has the next subdirectories of the deepest level listed, as far as that is worth it and there is room.
  private mutating func listAhead(from position: Int) {
    guard helpers.isWorthwhile else { return }
    let last = levels.count - 1
    var next = max(position, levels[last].aheadPosition)
    while next < levels[last].entries.count, aheadCount < ListingAhead.limit,
      levels[last].ahead.count < ListingAhead.limitPerLevel
    {
      let entry = levels[last].entries[next]
      if entry.isDirectory, let pending = helpers.ask(for: reference(to: entry, in: levels[last].directory)) {
        levels[last].ahead[next] = pending
        aheadCount += 1
      }
      next += 1
    }
    levels[last].aheadPosition = next
  }

  /// Makes a directory the deepest level.
  private mutating func enter(_ directory: FileReference, _ listed: Listed, _ batch: inout [FileEntry]) {
    switch listed {
    case .success(let (directory, entries)):
      levels.append(Level(directory: directory, entries: entries))
      listAhead(from: 0)
    case .failure(let errno):
      batch.append(.failure(FileError(directory, .list, .system(errno))))
    }
  }

  // MARK: Roots

  private mutating func begin(_ root: [UInt8], _ batch: inout [FileEntry]) {
    let reference = FileReference(path: root)
    switch reference.kindFollowingLinks() {
    case .failure(let errno):
      batch.append(.failure(FileError(path: root, operation: .open, cause: .system(errno))))
    case .success(.regular):
      batch.append(.success(reference))
    case .success(.directory):
      enter(reference, helpers.list(reference, through: buffer, followSymbolicLink: true), &batch)
    case .success:
      batch.append(.failure(FileError(path: root, operation: .open, cause: .notRegular)))
    }
  }
}
