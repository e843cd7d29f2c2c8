import FilePipeline
import Synchronization

/// What a comparison that writes needs in addition to one that reads.
struct ComparisonWriting: Sendable {
  let folder: ComparisonFolder
  let trees: ComparedTrees
  let sync: WritingOptions.Synchronization
  /// How `uring` writes small files.
  let writes: FileEngineConfiguration.Writes
  /// The entries that the first run could not copy.
  let failed = FailedEntries()

  /// Called after the first run: checks that the trees of the other runs fit too.
  ///
  /// - Parameters:
  ///   - trees: how many trees are still to be written.
  ///   - before: the free space before the first run.
  /// - Throws: ``TooLittleRoom``.
  func checkRoom(for trees: Int, before: FileSystemRoom) async throws {
    // Free space may not account for dirty data yet.
    try await folder.synchronize()
    let room = try await folder.room()
    if room.suffices(for: trees, before: before) { return }
    throw TooLittleRoom(directory: folder.directoryPath, room: room, trees: trees)
  }

  /// The first difference of a tree from the source or from the first tree.
  func difference(_ job: CompareJob, _ runs: [ComparedRun]) async throws -> TreeDifference? {
    try await TreeComparison(job: job, trees: trees, folder: folder, failed: failed.paths).difference(runs)
  }
}

/// Entries that failed, by their paths. Each costs a line on standard error as well.
final class FailedEntries: Sendable {
  private let state = Mutex<Set<[UInt8]>>([])

  var paths: Set<[UInt8]> { state.withLock { $0 } }

  func insert(_ path: [UInt8]) { state.withLock { _ = $0.insert(path) } }
}
