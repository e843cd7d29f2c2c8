import FilePipeline
import Glibc
import SystemPackage

/// Emptying the caches before a run.
struct ColdCaches {
  private static let control = "/proc/sys/vm/drop_caches"

  private let source: SourceOptions
  private let dropsAll: Bool

  init(_ source: SourceOptions) throws {
    self.source = source
    dropsAll = access(Self.control, W_OK) == 0
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

  /// sync(2), since dirty pages cannot be dropped; then 3: pages, dentries and inodes (proc_sys_vm(5)).
  private static func dropAll() throws {
    sync()
    do {
      let file = try FileDescriptor.open(control, .writeOnly)
      defer { try? file.close() }
      try file.writeAll("3".utf8)
    } catch let error as Errno {
      throw InputFileError(path: Array(control.utf8), operation: "write", errno: error)
    }
  }

  private static func dropFiles(_ source: SourceOptions) throws {
    let next = try source.makeSource().begin()
    while let batch = try next() {
      try Task.checkCancellation()
      for case .success(let file) in batch { file.dropFromPageCache() }
    }
  }
}
