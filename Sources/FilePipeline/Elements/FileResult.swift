import AsyncPipeline
import FileEngines
import SystemPackage

/// What became of one file.
public struct FileResult<Output: Sendable>: Sendable {
  /// The file.
  public let file: FileEntry
  /// What its bytes came to, or what went wrong.
  public let outcome: Result<Output, FileError>
  /// How many bytes were read of it; 0 if it failed.
  public let byteCount: Int64

  @inlinable
  init(_ file: FileEntry, _ outcome: Result<Output, FileError>, byteCount: Int64 = 0) {
    (self.file, self.outcome, self.byteCount) = (file, outcome, byteCount)
  }

  /// What its bytes came to.
  ///
  /// ```swift
  /// files.reduce { DigestReducer(.sha256) }.map { try $0.value }.onFailure(.skip)
  /// ```
  ///
  /// - Throws: what went wrong. In an operator that is for the pipeline's policy to judge.
  @inlinable public var value: Output {
    get throws(FileError) { try outcome.get() }
  }

  /// What went wrong.
  @inlinable public var failure: FileError? {
    if case .failure(let error) = outcome { error } else { nil }
  }

  /// The path, as ``FileEntry/path``.
  public var path: FilePath { file.path }

  /// The path, byte for byte, with the root as it was given before it.
  public var pathBytes: [UInt8] { file.pathBytes }
}

extension FileResult: CustomStringConvertible {
  /// The path, with what is not UTF-8 replaced, and what became of the file.
  public var description: String {
    switch outcome {
    case .success(let output): "\(file): \(output)"
    case .failure(let error): "\(error)"
    }
  }
}

/// What became of a file, whatever it came to.
public protocol FileOutcome: Sendable {
  /// What went wrong.
  var failure: FileError? { get }
}

extension FileResult: FileOutcome {}

extension PipelineProtocol where Element: FileOutcome {
  /// Runs the pipeline for what its operators do with the files. A file that failed is a failure of the last stage, and
  /// as the pipeline's policy says: unless that is told otherwise, the first ends the run.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in").transform { UppercaseASCII() }.write(to: "out").run()
  /// ```
  ///
  /// It takes cancellation as ``AsyncPipeline/PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)`` does.
  ///
  /// - Throws: ``AsyncPipeline/PipelineFailure``, whose cause is the ``FileEngines/FileError``; `CancellationError`.
  @discardableResult
  @inlinable
  public func run() async throws -> PipelineReport {
    try await map { if let failure = $0.failure { throw failure } }.run()
  }
}
