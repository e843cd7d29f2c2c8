import FilePipeline
import Synchronization

/// How a comparison writes: what it needs beside what one that reads does.
struct ComparisonWriting: Sendable {
  let folder: ComparisonFolder
  let trees: ComparedTrees
  let sync: WritingOptions.Synchronization
  /// Of the engine of rings.
  let writes: FileEngineConfiguration.Writes
  /// What the first run could not copy.
  let failed = FailedEntries()

  /// After the first run: whether the others fit beside its tree.
  ///
  /// - Parameters:
  ///   - trees: that are still to be written.
  ///   - before: what was free before the first.
  /// - Throws: ``TooLittleRoom``.
  func checkRoom(for trees: Int, before: FileSystemRoom) async throws {
    // What is not yet on the disk may not be counted.
    try await folder.synchronize()
    let room = try await folder.room()
    if room.suffices(for: trees, before: before) { return }
    throw TooLittleRoom(directory: folder.directoryPath, room: room, trees: trees)
  }

  /// The first place where a tree is not what it is to be.
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
