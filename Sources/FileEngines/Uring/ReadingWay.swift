/// How the engine of rings reads the files of a directory.
public struct ReadingWay: Sendable, Hashable, CustomStringConvertible {
  private let plan: ReadPlan

  /// Looks at the directory's file system. Blocks.
  ///
  /// - Throws: the error of open(2) for the directory.
  public init(
    of directory: FileReference, pageCache: FileEngineConfiguration.PageCacheUse = .auto
  ) throws(FileError) {
    let fileSystem = try TargetTree(directory, creating: nil).root.fileSystem.kind
    plan = ReadPlan(pageCache: pageCache, fileSystem: fileSystem)
  }

  init(_ plan: ReadPlan) {
    self.plan = plan
  }

  /// A clause, such as "from the page cache, or through the ring".
  public var description: String {
    let others =
      switch plan.path {
      case .ring: "through the ring"
      case .ringIfOnDisk: "through the ring where a disk is below"
      case .helper: "by system calls on helper threads: a daemon answers"
      }
    let around = plan.pageCache == .use || plan.path == .helper ? "" : ", around the page cache"
    return plan.readsSmallFileAtOnce && plan.path != .helper
      ? "from the page cache; what it lacks \(others)\(around)" : others + around
  }
}
