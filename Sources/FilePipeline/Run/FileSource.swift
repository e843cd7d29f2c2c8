import FileEngines

/// Where a pipeline's files come from: a function that is called on a thread that may block, and gives them by the
/// batch.
///
/// Each batch is passed on before the next is asked for, so that a function that must wait returns what it has. The
/// files of a batch, of at most ``DirectoryWalk/batchSize``, are read in the order of their inodes.
public struct FileSource: Sendable {
  /// Called once a run; what it returns gives the next entries, or nil at the end.
  public let begin: @Sendable () -> (() throws -> [WalkEntry]?)

  public init(_ begin: @escaping @Sendable () -> (() throws -> [WalkEntry]?)) {
    self.begin = begin
  }

  /// What is under `roots`, as ``DirectoryWalk`` finds it: regular files, unless the options say otherwise.
  public static func walk(_ roots: [[UInt8]], options: WalkOptions = WalkOptions()) -> FileSource {
    FileSource {
      var walk = DirectoryWalk(roots, options: options)
      return { try walk.nextBatch() }
    }
  }
}
