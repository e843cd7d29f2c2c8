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
/// between and after the operators that read and write files. Results are in the order of the source (for a walk, the
/// byte order of the paths), although within a ``window`` the files are read in the order of their inodes.
///
/// Each run makes an engine and shuts it down, or uses the caller's (``withFileEngine(_:onFallback:_:)``).
public struct FilePipeline: PipelineProtocol {
  public typealias Element = FileEntry
  public typealias Steps = NoSteps<FileEntry>

  /// The number of files between the source and the results, at most. Four batches to sort by inode fit in it; an entry
  /// takes some 100 bytes. Where results may be large the limit is twice the number of files that are read at once.
  public static let window = 4096
  /// The number of results that wait for the sink, at most. A digest or a count takes some 200 bytes with its path, and
  /// hundreds of small files are finished at a time where they are cached. Where results may be large the limit is that
  /// of any other stage.
  @usableFromInline static let resultBuffer = 1280

  private let source: FileSource
  private let engine: EngineSource
  private var excluded: [FileIdentity] = []

  public init(_ source: FileSource, engine: EngineSource = .auto) {
    self.source = source
    self.engine = engine
  }

  /// The regular files below a directory, or the single file that has this path; the options may add other kinds.
  public static func files(
    under root: FilePath, _ options: WalkOptions = WalkOptions(), engine: EngineSource = .auto
  ) -> FilePipeline {
    files(under: [root], options, engine: engine)
  }

  /// The files below several directories, one directory after another.
  public static func files(
    under roots: [FilePath], _ options: WalkOptions = WalkOptions(), engine: EngineSource = .auto
  ) -> FilePipeline {
    FilePipeline(.walk(roots.map(\.bytes), options), engine: engine)
  }

  /// The files with these paths, in this order.
  public static func files(
    at paths: some Sequence<FilePath> & Sendable, engine: EngineSource = .auto
  ) -> FilePipeline {
    FilePipeline(.paths(paths), engine: engine)
  }

  /// The files whose paths an asynchronous sequence gives, such as a channel. Each is passed on without waiting for the
  /// next; a failure of the sequence ends the run.
  public static func files<Paths: AsyncSequence & Sendable>(
    at paths: Paths, engine: EngineSource = .auto
  ) -> FilePipeline where Paths.Element == FilePath {
    FilePipeline(.paths(paths), engine: engine)
  }

  /// Skips a file under all of its names, such as the file that the results are written to. Its result is a failure
  /// with the cause ``FileEngines/FileError/Cause/excluded``. Can be called for several files.
  ///
  /// The file is identified by its open descriptor: a directory may list other inode numbers than stat(2) reports, as
  /// on overlayfs and FUSE. That costs at most one statx(2) for each file of the run, and no request to a daemon or a
  /// server.
  public func excluding(_ file: FileIdentity) -> FilePipeline {
    var pipeline = self
    pipeline.excluded.append(file)
    return pipeline
  }

  public var erased: Pipeline<FileEntry> {
    Pipeline(sharing: { [engine, excluded] in FileSession(engine, excluding: excluded) }, source.entries)
  }

  public var fused: FusedPipeline<NoSteps<FileEntry>> { erased.fused }
}

extension PipelineProtocol where Element == FileEntry {
  /// Passes on the entries for which `isIncluded` is true, and all entries that are failures, so that none is lost.
  ///
  /// - *emits* some of the entries, in their order
  /// - *suspends* never; it runs in the task of the preceding stage
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `isIncluded`: the pipeline's policy decides
  @inlinable
  public func filter(
    _ isIncluded: @escaping @Sendable (FileEntry) throws -> Bool
  ) -> FusedPipeline<StepChain<Steps, CompactMapStep<FileEntry, FileEntry>>> {
    compactMap { entry in try entry.failure != nil || isIncluded(entry) ? entry : nil }
  }
}
