import AsyncPipeline
import FileEngines
import SystemPackage

/// Files as the elements of a pipeline: which files, and which engine reads and writes them.
///
/// ```swift
/// let report = try await FilePipeline.files(under: "SampleData", engine: .auto)
///   .filter { $0.path.extension == "csv" }
///   .reduce { DigestReducer(.sha256) }
///   .forEach { print($0.path, try $0.value) }
/// ```
///
/// It is a pipeline of ``FileEntry`` values: every operator of ``AsyncPipeline/PipelineProtocol`` can come before,
/// between and behind those that read and write files. Results come in the order of the source, that of the paths for a
/// walk, whatever order the work is done in: within a ``window`` those files are read first that come first on the
/// disk.
///
/// Each run makes its engine and ends it, or uses one that it is given (``withFileEngine(_:onFallback:_:)``).
public struct FilePipeline: PipelineProtocol {
  public typealias Element = FileEntry
  public typealias Steps = NoSteps<FileEntry>

  /// How many files are between the source and the results. Four batches to sort by inode fit in it; a file's entry
  /// takes some 100 bytes. Fewer where what the files come to may be large: twice as many as are read at once.
  public static let window = 4096
  /// How many results wait for the sink. A digest or a count takes some 200 bytes with its path; and small files from
  /// the page cache are finished by the hundred. Fewer where they may be large: as many as behind any other stage.
  public static let resultBuffer = 1280

  private let source: FileSource
  private let engine: EngineSource
  private var excluded: [FileIdentity] = []

  public init(_ source: FileSource, engine: EngineSource = .auto) {
    self.source = source
    self.engine = engine
  }

  /// What is under a directory, or the one file that has this path: regular files, unless the options say otherwise.
  public static func files(
    under root: FilePath, _ options: WalkOptions = WalkOptions(), engine: EngineSource = .auto
  ) -> FilePipeline {
    files(under: [root], options, engine: engine)
  }

  /// What is under several directories, one after another.
  public static func files(
    under roots: [FilePath], _ options: WalkOptions = WalkOptions(), engine: EngineSource = .auto
  ) -> FilePipeline {
    FilePipeline(.walk(roots.map(\.bytes), options), engine: engine)
  }

  /// The files that have these paths, in this order.
  public static func files(
    at paths: some Sequence<FilePath> & Sendable, engine: EngineSource = .auto
  ) -> FilePipeline {
    FilePipeline(.paths(paths), engine: engine)
  }

  /// The files whose paths an asynchronous sequence gives, such as a channel that others feed.
  public static func files<Paths: AsyncSequence & Sendable>(
    at paths: Paths, engine: EngineSource = .auto
  ) -> FilePipeline where Paths.Element == FilePath {
    FilePipeline(.paths(paths), engine: engine)
  }

  /// Skips a file, whatever name leads to it: the one that the results are written to, say. Its result is a failure
  /// with the cause ``FileEngines/FileError/Cause/excluded``. Further files may follow.
  ///
  /// The file is opened, and its descriptor tells which file it is: a directory may list other inode numbers than
  /// stat(2) gives, as on overlayfs and FUSE. That takes one statx(2) at most for each file of the run; no daemon and
  /// no server is asked.
  public func excluding(_ file: FileIdentity) -> FilePipeline {
    var pipeline = self
    pipeline.excluded.append(file)
    return pipeline
  }

  public var erased: Pipeline<FileEntry> {
    Pipeline(sharing: { [engine, excluded] in FileSession(engine, excluding: excluded) }) {
      [source] in source.entries(in: $0)
    }
  }

  public var fused: FusedPipeline<NoSteps<FileEntry>> { erased.fused }
}

extension PipelineProtocol where Element == FileEntry {
  /// Lets those entries pass for which `isIncluded` is true, and those that are failures: they are no files, and are
  /// not to be lost.
  ///
  /// - *emits* some of the entries, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `isIncluded`: as the pipeline's policy says
  @inlinable
  public func filter(
    _ isIncluded: @escaping @Sendable (FileEntry) throws -> Bool
  ) -> FusedPipeline<StepChain<Steps, CompactMapStep<FileEntry, FileEntry>>> {
    compactMap { entry in try entry.failure != nil || isIncluded(entry) ? entry : nil }
  }
}
