import AsyncPipeline
import FileEngines
import SystemPackage

/// Where a pipeline's files come from: a walk, a list, or a function of the caller.
///
/// The function is called on a thread that may block, and returns the entries in batches. A batch is passed on before
/// the next call, so a function that would have to wait should return what it has. The files of a batch are read in the
/// order of their inodes, up to ``DirectoryWalk/batchSize`` of them.
public struct FileSource: Sendable {
  /// The entries of one run.
  let entries: @Sendable (FileSession) -> Pipeline<FileEntry>

  /// - Parameter begin: called once for each run. It returns the function that returns the next batch, or nil at the
  ///   end.
  public init(_ begin: @escaping @Sendable () -> (() throws -> [WalkEntry]?)) {
    entries = { session in
      Pipeline("files", on: { try session.makeLister() }) {
        let next = begin()
        return { try next().map { session.entries($0) } }
      }
    }
  }

  /// The entries that a ``DirectoryWalk`` of these roots finds.
  ///
  /// - Parameter roots: paths, byte for byte; they are walked in this order.
  public static func walk(_ roots: [[UInt8]], _ options: WalkOptions = WalkOptions()) -> FileSource {
    FileSource {
      var walk = DirectoryWalk(roots, options: options)
      return { try walk.nextBatch() }
    }
  }

  /// The files with these paths, in this order. They are not examined before they are read: a path that does not lead
  /// to a regular file is a failure then.
  public static func paths(_ paths: some Sequence<FilePath> & Sendable) -> FileSource {
    FileSource(paths: { Pipeline(paths) })
  }

  /// The same for an asynchronous sequence of paths. Each is passed on without waiting for the next; a failure of the
  /// sequence ends the run.
  public static func paths<Paths: AsyncSequence & Sendable>(_ paths: Paths) -> FileSource
  where Paths.Element == FilePath {
    FileSource(paths: { Pipeline(paths) })
  }

  private init(paths: @escaping @Sendable () -> Pipeline<FilePath>) {
    entries = { session in
      paths().map { session.entries([WalkEntry(.success(FileReference(path: $0.bytes)))])[0] }.erased
    }
  }
}

extension FileSession {
  fileprivate func entries(_ batch: [WalkEntry]) -> [FileEntry] {
    let first = position(ofNext: batch.count)
    return batch.enumerated().map { FileEntry($0.element, index: first + $0.offset, in: self) }
  }
}
