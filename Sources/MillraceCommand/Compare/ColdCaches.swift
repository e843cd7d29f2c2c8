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

  /// How caches are emptied, for the report.
  var method: String {
    dropsAll
      ? "page, dentry and inode caches emptied (drop_caches)"
      : "page cache of each file dropped (posix_fadvise); directories and inodes stayed cached"
  }

  func empty() async throws {
    try await withThreadExecutor(name: "cold-caches") { thread in
      if !dropsAll { return try await dropFiles(on: thread) }
      try await Task(executorPreference: thread) { try Self.dropAll() }.value
    }
  }

  private static func dropAll() throws {
    do {
      try KernelCaches.empty()
    } catch {
      throw InputFileError(path: Array(KernelCaches.control.utf8), operation: "write", errno: error)
    }
  }

  /// No file is read, so no engine is made.
  private func dropFiles(on thread: ThreadExecutor) async throws {
    let longPaths = LongPathBudget()
    try await FilePipeline(try source.makeSource(longPaths)).forEach(on: thread) { file in
      if file.failure == nil { file.reference.dropFromPageCache() }
      longPaths.remove(file.pathCount)
    }
  }
}
