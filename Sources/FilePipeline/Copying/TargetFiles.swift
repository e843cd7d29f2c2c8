import FileEngines
import Synchronization

/// The files that a copy has met in its target, or made there: so that no two entries go to one file under names that
/// the file system takes for the same, such as those that differ in case where case does not count.
///
/// It holds a hash of each, some 20 bytes, in directories that were there before the run. In a directory that the run
/// has made nothing can be replaced.
final class TargetFiles: Sendable {
  private let hashes = Mutex<Set<Int>>([])

  /// - Returns: false if another entry has claimed the file. A file of several names is not told from others, nor one
  ///   on a file system that does not keep when a file was made: a number of an inode may be another's soon.
  func claim(_ file: FileStatus) -> Bool {
    guard file.linkCount == 1, let created = file.created, file.kind != .directory else { return true }
    var hasher = Hasher()
    hasher.combine(FileIdentity(file))
    hasher.combine(created)
    let hash = hasher.finalize()
    return hashes.withLock { $0.insert(hash).inserted }
  }
}

extension CopyWorker {
  /// Throws if what has the name is another entry's copy.
  func claimExisting(_ place: CopyPlace, for file: FileReference) throws(FileError) {
    guard let existing = place.existing, !options.isDryRun, !isTriedAgain else { return }
    if !target.files.claim(existing) { throw FileError(file, .create, .nameTaken) }
  }
}

extension CopyTarget {
  /// Throws if what was made has been replaced by another entry meanwhile, or been met by it.
  func claimMade(
    _ copied: CopyWorker.Copied, _ place: CopyPlace, for file: FileReference
  ) async throws(FileError) {
    guard copied.action == .written, let directory = place.directory, !directory.isNew, !options.isDryRun else {
      return
    }
    let made = try await place.engine.status(of: place.name, in: directory)
    if let made, !files.claim(made) { throw FileError(file, .create, .nameTaken) }
  }
}
