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
