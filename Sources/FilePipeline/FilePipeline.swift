import AsyncPipeline
import FileEngines

/// Files as the elements of a pipeline: which files, which engine, and what is to be done with the bytes of each.
///
/// ```swift
/// let report = try await FilePipeline.files(under: "SampleData", engine: .auto)
///   .transform { UppercaseASCII() }
///   .reduce { NewlineCount() }
///   .forEach { file in print(file.outcome) }
/// ```
///
/// Results come in the order of the source, that of the paths for a walk, whatever order the work is done in: within a
/// window of ``window`` files those are read first that come first on the disk.
public struct FilePipeline: Sendable {
  /// How many files are between the source and the results. Four batches to sort by inode fit in it; a file's entry
  /// takes some 100 bytes. Fewer where what the files come to may be large: twice as many as are read at once.
  public static let window = 4096
  /// How many results wait for the sink. A digest or a count takes some 200 bytes with its path; and small files from
  /// the page cache are finished by the hundred. Fewer where they may be large: as many as behind any other stage.
  public static let resultBuffer = 1280

  @usableFromInline let source: FileSource
  @usableFromInline let engine: EngineSource
  @usableFromInline var stages: [@Sendable () -> any ByteStage] = []
  @usableFromInline var excluded: [FileIdentity] = []
  @usableFromInline var progress: FileProgress?

  @inlinable
  public init(_ source: FileSource, engine: EngineSource = .auto) {
    self.source = source
    self.engine = engine
  }

  /// All regular files under a directory, or the one file that has this path.
  @inlinable
  public static func files(under root: String, engine: EngineSource = .auto) -> FilePipeline {
    FilePipeline(.walk([Array(root.utf8)]), engine: engine)
  }

  /// Sends each file's bytes through a stage, which is made anew for each file. Further stages follow it.
  @inlinable
  public func transform<Stage: ByteStage>(_ make: @escaping @Sendable () -> Stage) -> FilePipeline {
    var pipeline = self
    pipeline.stages.append(make)
    return pipeline
  }

  /// Skips a file, whatever name leads to it: the one that the results are written to, say. Its result is a failure
  /// with the cause ``FileEngines/FileError/Cause/excluded``, counted as skipped. Further files may follow.
  ///
  /// The file is opened, and its descriptor tells which file it is: a directory may list other inode numbers than
  /// stat(2) gives, as on overlayfs and FUSE. That takes one statx(2) at most for each file of the run; no daemon and
  /// no server is asked.
  public func excluding(_ file: FileIdentity) -> FilePipeline {
    var pipeline = self
    pipeline.excluded.append(file)
    return pipeline
  }

  /// Counts what is read in `progress`, while it is read.
  public func reportingProgress(to progress: FileProgress) -> FilePipeline {
    var pipeline = self
    pipeline.progress = progress
    return pipeline
  }

  /// Brings each file's bytes to one value, by a reducer that is made anew for each file.
  @inlinable
  public func reduce<Reducer: ByteReducer>(
    _ make: @escaping @Sendable () -> Reducer
  ) -> FileReduction<Reducer> {
    FileReduction(files: self, makeReducer: make)
  }
}
