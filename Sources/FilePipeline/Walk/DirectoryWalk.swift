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
/// It holds the entries of the directories from a root down to where it is, whatever the number of files beside them. Its
/// calls block on the disk; it is meant for a thread of its own (``FileEngines/ThreadExecutor``).
public struct DirectoryWalk {
  /// How many entries come together. A guess: four crossings' worth.
  public static let batchSize = 256
  /// Room for the kernel's records of some 2,000 entries.
  private static let recordBufferSize = 64 * 1024

  private struct Level {
    let directory: DirectoryReference
    let entries: [DirectoryListing.Entry]
    var position = 0
  }

  private var roots: ArraySlice<[UInt8]>
  private var levels: [Level] = []
  private let buffer = IOBuffer(capacity: recordBufferSize)

  /// - Parameter roots: paths of directories or files, byte for byte; they are walked in this order.
  public init(_ roots: [[UInt8]]) {
    self.roots = roots[...]
  }

  /// The next entries, at most ``batchSize``; nil at the end.
  public mutating func nextBatch() -> [FileEntry]? {
    var batch: [FileEntry] = []
    batch.reserveCapacity(Self.batchSize)
    while batch.count < Self.batchSize {
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
      let directory = levels[last].directory
      if entry.isDirectory { return descend(entry, in: directory, &batch) }
      batch.append(
        .success(
          FileReference(
            in: directory, start: Int(entry.start), count: Int(entry.count), inode: entry.inode)))
    }
  }

  private mutating func descend(
    _ entry: DirectoryListing.Entry, in parent: DirectoryReference, _ batch: inout [FileEntry]
  ) {
    let reference = FileReference(
      in: parent, start: Int(entry.start), count: Int(entry.count) - 1, inode: entry.inode)
    let prefix = reference.path + [UInt8(ascii: "/")]
    let descriptor = reference.openDirectory(followSymbolicLink: false)
    enter(descriptor, prefix: prefix, &batch) { reference.path }
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
      let prefix = root.last == UInt8(ascii: "/") ? root : root + [UInt8(ascii: "/")]
      enter(reference.openDirectory(followSymbolicLink: true), prefix: prefix, &batch) { root }
    case .success:
      batch.append(.failure(FileError(path: root, operation: .open, cause: .notRegular)))
    }
  }

  /// Lists a directory that was opened and makes it the deepest level.
  private mutating func enter(
    _ opened: Result<FileDescriptor, Errno>, prefix: [UInt8], _ batch: inout [FileEntry], path: () -> [UInt8]
  ) {
    do throws(Errno) {
      let descriptor = try opened.get()
      do throws(Errno) {
        let listing = try DirectoryListing(descriptor, through: buffer)
        let directory = DirectoryReference(prefix: prefix, names: listing.names, opened: descriptor)
        levels.append(Level(directory: directory, entries: listing.entries))
      } catch {
        try? descriptor.close()
        throw error
      }
    } catch {
      batch.append(.failure(FileError(path: path(), operation: .list, cause: .system(error))))
    }
  }
}
