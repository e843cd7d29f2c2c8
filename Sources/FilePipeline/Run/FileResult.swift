import FileEngines

/// What became of one file.
public struct FileResult<Output: Sendable>: Sendable {
  /// What came of the bytes, and how many there were.
  public struct Value: Sendable {
    public let file: FileReference
    public let output: Output
    public let byteCount: Int64

    @inlinable
    init(file: FileReference, output: Output, byteCount: Int64) {
      (self.file, self.output, self.byteCount) = (file, output, byteCount)
    }
  }

  public let outcome: Result<Value, FileError>

  @inlinable
  init(_ outcome: Result<Value, FileError>) {
    self.outcome = outcome
  }

  /// The path, byte for byte, with the root as it was given before it. It is put together anew at each call.
  public var path: [UInt8] {
    switch outcome {
    case .success(let value): value.file.path
    case .failure(let error): error.path
    }
  }

  /// How long the path is, in bytes.
  public var pathCount: Int {
    switch outcome {
    case .success(let value): value.file.pathCount
    case .failure(let error): error.pathCount
    }
  }
}

/// What a run over files did.
public struct FileReport: Sendable {
  /// Files that were read to their end.
  public let files: Int
  /// Files and directories that could not be read.
  public let failed: Int
  /// Files that the run was told to skip (``FilePipeline/excluding(_:)``).
  public let skipped: Int
  /// Bytes that were read, of the files that were read to their end.
  public let bytes: Int64
  /// From the first file asked for to the last result passed on, the making of the engine included.
  public let duration: Duration
  /// The engine that did the work.
  public let engine: FileEngineKind
  /// Why `auto` did not take io_uring, if it did not.
  public let fallback: FileEngineUnavailable?
  public let statistics: FileEngineStatistics
  public let stages: [PipelineReport.Stage]
}
