import AsyncPipeline
import FileEngines

/// Writes the files of one worker, one after another, into the target tree that the workers share.
final class TargetWriter {
  let target: WriteTarget
  /// The name that the present file has claimed.
  private var name: [UInt8]?
  /// Whether the present file may get its name after the worker has passed it on.
  private var publishesLater = false
  /// The present file, if it need not have its name yet.
  private(set) var unpublished: UnpublishedFile?
  /// The last answer of ``isInTarget(_:)``: entries of one directory come together.
  private var lastDirectory: (directory: DirectoryReference, isInTarget: Bool)?

  init(_ target: WriteTarget) {
    self.target = target
  }

  /// Begins with a file. One that is to be tried again after a failure is published by the worker.
  func begin(_ durability: Durability, _ retry: Retry) {
    publishesLater = durability == .batch && retry.isNever
    (name, unpublished) = (nil, nil)
  }

  /// The present file, if it need not have its name yet: it is the caller's to publish.
  func end() -> UnpublishedFile? { unpublished.take() }

  /// Claims a name for the present file, once for all of its attempts.
  ///
  /// - Returns: whether an earlier attempt has claimed it, and may have written it.
  func claim(_ name: [UInt8], for file: FileReference) throws(FileError) -> Bool {
    if self.name == name { return true }
    if !target.claim(name) { throw FileError(file, .create, .nameTaken) }
    self.name = name
    return false
  }

  /// Whether a source directory is in the tree that is written.
  func isInTarget(_ directory: DirectoryReference) -> Bool {
    if let lastDirectory, lastDirectory.directory === directory { return lastDirectory.isInTarget }
    let isInTarget = directory.isOrIsIn(target.tree)
    lastDirectory = (directory, isInTarget)
    return isInTarget
  }

  /// Writes a whole file from a buffer. Publishing it may be left to ``Publishing``.
  ///
  /// - Parameter needsName: whether it must have its name when this returns.
  func write(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions,
    needsName: Bool = false, by engine: any FileEngine
  ) async throws(FileError) {
    if publishesLater && !needsName {
      unpublished = try await engine.writeUnpublished(name, in: directory, from: buffer, count: count, options: options)
    } else {
      try await engine.writeFile(name, in: directory, from: buffer, count: count, options: options)
    }
  }
}
