import AsyncPipeline
import FileEngines
import Synchronization

/// What the workers of a stage that writes files share: the target tree, the names and files that entries have claimed,
/// and a limit on the large files that are written at a time.
@usableFromInline
final class WriteTarget: Sendable {
  /// A guess: enough for a disk to have several requests at once, and few beside the buffers of the small files.
  private static let largeFiles = 8

  let tree: TargetTree
  /// Hashes of names and of files, with random keys: the probability that two of a million are equal is one in thirty
  /// million. Each takes some 20 bytes.
  private let claims = Mutex<Set<Int>>([])
  /// Holds one element for each large file that may still be begun.
  private let largeFileSlots = Channel<Void>(capacity: largeFiles)

  @usableFromInline
  init(_ tree: TargetTree) {
    self.tree = tree
    for _ in 0..<Self.largeFiles { _ = largeFileSlots.trySend(()) }
  }

  /// Claims a name below the root for an entry of the run.
  ///
  /// - Returns: false if another entry has claimed it.
  func claim(_ name: [UInt8]) -> Bool {
    claim { hasher in name.withUnsafeBytes { hasher.combine(bytes: $0) } }
  }

  /// Claims a file that an entry has found in the target, or made there. So two entries cannot replace one file under
  /// names that the file system takes for the same, such as names that differ in case on a case-insensitive one.
  ///
  /// - Returns: false if another entry has claimed it. True without a claim for a file with several names, and on a
  ///   file system that does not record the time of creation: an inode number may be reused soon.
  func claim(_ file: FileStatus) -> Bool {
    guard file.linkCount == 1, let created = file.created, file.kind != .directory else { return true }
    return claim { hasher in
      hasher.combine(FileIdentity(file))
      hasher.combine(created)
    }
  }

  private func claim(_ feed: (inout Hasher) -> Void) -> Bool {
    var hasher = Hasher()
    feed(&hasher)
    let hash = hasher.finalize()
    return claims.withLock { $0.insert(hash).inserted }
  }

  /// The directory at a path below the root, without leftovers of writers that were killed.
  ///
  /// - Parameter permissions: of each directory that must be made, less the umask.
  func directory(
    _ path: [UInt8], creating permissions: FilePermissions, _ engine: any FileEngine
  ) async throws(FileError) -> TargetDirectory {
    let directory = try await engine.directory(path, in: tree, creating: permissions)
    // Once for each directory; a new one costs nothing.
    if !tree.isFreeOfLeftovers(directory) {
      try await engine.visit(directory, .list) { () throws(FileError) in try tree.removeLeftovers(in: directory) }
    }
    return directory
  }

  /// Calls `body` when fewer than ``largeFiles`` others are being written. Suspends until then.
  func whenThereIsRoom<R>(
    for file: FileReference, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    guard await largeFileSlots.next() != nil else { throw FileError(file, .write, .cancelled) }
    defer { _ = largeFileSlots.trySend(()) }
    return try await body()
  }
}

extension FilePermissions {
  /// Of a new directory, less the umask (mkdir(2)).
  @usableFromInline static var newDirectory: FilePermissions { FilePermissions(rawValue: 0o777) }
}

extension [UInt8] {
  /// Splits a path below a target's root, without a slash at its end, into the path of the directory (empty for the
  /// root) and the last name.
  var directoryAndName: (directory: [UInt8], name: [UInt8]) {
    guard let slash = lastIndex(of: UInt8(ascii: "/")) else { return ([], self) }
    return (Array(self[..<slash]), Array(self[(slash + 1)...]))
  }
}
