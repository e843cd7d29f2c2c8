import AsyncPipeline
import FileEngines
import SystemPackage

/// Where a pipeline's files come from.
///
/// A walk, a list, or a function of the caller's own that is called on a thread that may block and gives the entries by
/// the batch. Each batch is passed on before the next is asked for, so that a function that must wait returns what it
/// has. Files of a batch, of at most ``DirectoryWalk/batchSize``, are read in the order of their inodes.
public struct FileSource: Sendable {
  private enum Origin: Sendable {
    case batches(@Sendable () -> (() throws -> [WalkEntry]?))
    case paths(@Sendable () -> Pipeline<FilePath>)
  }

  private let origin: Origin

  private init(_ origin: Origin) {
    self.origin = origin
  }

  /// - Parameter begin: called once a run; what it returns gives the next entries, or nil at the end.
  public init(_ begin: @escaping @Sendable () -> (() throws -> [WalkEntry]?)) {
    self.init(.batches(begin))
  }

  /// What is under directories, as ``DirectoryWalk`` finds it, and the files among the roots themselves.
  ///
  /// - Parameter roots: paths, byte for byte; they are walked in this order.
  public static func walk(_ roots: [[UInt8]], _ options: WalkOptions = WalkOptions()) -> FileSource {
    FileSource {
      var walk = DirectoryWalk(roots, options: options)
      return { try walk.nextBatch() }
    }
  }

  /// The files that have these paths, in this order. They are not looked at before they are read: a path that leads to
  /// no regular file is a failure then.
  public static func paths(_ paths: some Sequence<FilePath> & Sendable) -> FileSource {
    FileSource(.paths { Pipeline(paths) })
  }

  /// The same for paths that come one by one. Each is passed on without waiting for the next; a failure of the sequence
  /// ends the run.
  public static func paths<Paths: AsyncSequence & Sendable>(_ paths: Paths) -> FileSource
  where Paths.Element == FilePath {
    FileSource(.paths { Pipeline(paths) })
  }

  /// The files whose paths are sent to a channel, which belongs to the run: see
  /// ``AsyncPipeline/Pipeline/init(feed:)-(Channel<Element>)``.
  public static func feed(_ channel: Channel<FilePath>) -> FileSource {
    FileSource(.paths { Pipeline(feed: channel) })
  }

  /// The entries in one run.
  func entries(in session: FileSession) -> Pipeline<FileEntry> {
    switch origin {
    case .batches(let begin):
      return Pipeline("files", on: { try session.makeLister() }) {
        let next = begin()
        return { try next().map { session.entries($0) } }
      }
    case .paths(let paths):
      return paths().map { session.entries([WalkEntry(.success(FileReference(path: $0.bytes)))])[0] }.erased
    }
  }
}

extension FileSession {
  fileprivate func entries(_ batch: [WalkEntry]) -> [FileEntry] {
    let first = position(ofNext: batch.count)
    return batch.enumerated().map { FileEntry($0.element, index: first + $0.offset, in: self) }
  }
}
