import FilePipeline
import Measurement
import SystemPackage

/// Emptying the caches before a run.
struct ColdCaches {
  private let source: SourceOptions
  private let dropsAll: Bool

  init(_ source: SourceOptions) throws {
    self.source = source
    dropsAll = KernelCaches.canBeEmptied
  }

  /// What is done, for the report.
  var method: String {
    dropsAll
      ? "page, dentry and inode caches emptied (drop_caches)"
      : "page cache of each file dropped (posix_fadvise); directories and inodes stayed cached"
  }

  func empty() async throws {
    let source = source
    let dropsAll = dropsAll
    let thread = try ThreadExecutor(name: "cold-caches")
    let result = await Task(executorPreference: thread) {
      if dropsAll { try Self.dropAll() } else { try Self.dropFiles(source) }
    }.result
    await thread.shutDown()
    try result.get()
  }

  private static func dropAll() throws {
    do {
      try KernelCaches.empty()
    } catch {
      throw InputFileError(path: Array(KernelCaches.control.utf8), operation: "write", errno: error)
    }
  }

  private static func dropFiles(_ source: SourceOptions) throws {
    let longPaths = LongPathBudget()
    let next = try source.makeSource(longPaths).begin()
    while let batch = try next() {
      try Task.checkCancellation()
      for case .success(let file) in batch.map(\.outcome) {
        file.dropFromPageCache()
        longPaths.remove(file.pathCount)
      }
    }
  }
}
