import AsyncPipeline
import FileEngines
import SystemPackage

/// The result of one file: the output of an operator, or a failure.
public struct FileResult<Output: Sendable>: Sendable {
  /// The file.
  public let file: FileEntry
  /// The output, or the failure.
  public let outcome: Result<Output, FileError>
  /// The number of bytes that were read; 0 if it failed.
  public let byteCount: Int64

  @inlinable
  init(_ file: FileEntry, _ outcome: Result<Output, FileError>, byteCount: Int64 = 0) {
    (self.file, self.outcome, self.byteCount) = (file, outcome, byteCount)
  }

  /// The output.
  ///
  /// ```swift
  /// files.reduce { DigestReducer(.sha256) }.map { try $0.value }.onFailure(.skip)
  /// ```
  ///
  /// - Throws: the failure. Thrown by an operator's body, it is handled by the pipeline's policy.
  @inlinable public var value: Output {
    get throws(FileError) { try outcome.get() }
  }

  /// The failure, if there is one.
  @inlinable public var failure: FileError? {
    if case .failure(let error) = outcome { error } else { nil }
  }

  /// The path, as ``FileEntry/path``.
  public var path: FilePath { file.path }

  /// The path, byte for byte, as ``FileEntry/pathBytes``.
  public var pathBytes: [UInt8] { file.pathBytes }
}

extension FileResult: CustomStringConvertible {
  /// The path, with invalid UTF-8 replaced, and the outcome.
  public var description: String {
    switch outcome {
    case .success(let output): "\(file): \(output)"
    case .failure(let error): "\(error)"
    }
  }
}

/// The result of a file, whatever the type of its output.
public protocol FileOutcome: Sendable {
  /// The failure, if there is one.
  var failure: FileError? { get }
}

extension FileResult: FileOutcome {}

extension PipelineProtocol where Element: FileOutcome {
  /// Runs the pipeline for the effects of its operators. A failed file is a failure of the last stage, which the
  /// pipeline's policy handles: by default the first one ends the run.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in").transform { UppercaseASCII() }.write(to: "out").run()
  /// ```
  ///
  /// Cancellation ends the run as in ``AsyncPipeline/PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)``.
  ///
  /// - Throws: ``AsyncPipeline/PipelineFailure``, whose cause is the ``FileEngines/FileError``; `CancellationError`.
  @discardableResult
  @inlinable
  public func run() async throws -> PipelineReport {
    try await map { if let failure = $0.failure { throw failure } }.run()
  }
}
