import IOUring

extension FileEngine {
  /// Writes a whole file atomically: who opens the target finds the old file or the new one, never a part.
  ///
  /// The bytes go to a temporary file beside the target (``FileWriting/makeTemporary(for:_:)``), which gets the
  /// target's name when `body` has returned. If `body` throws, or a call fails, or the task is cancelled before the
  /// file has its name, the temporary file is removed, and the target is as it was. Of two that write one target at
  /// once the later to end wins.
  ///
  /// A symbolic link in the target's place is replaced; what it points to is not touched.
  ///
  /// - Parameters:
  ///   - buffer: for the bytes, the caller's alone until the call returns; one of the engine's buffer size is made if
  ///     nil.
  ///   - body: writes the contents. It runs where the caller does.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, or a ``FileError``: the first that went wrong. Its cause is
  ///   ``FileError/Cause/cancelled`` if the task was cancelled.
  @discardableResult
  public func writeFile<R>(
    at target: FileReference, options: FileWriteOptions = FileWriteOptions(), through buffer: IOBuffer? = nil,
    _ body: (FileWriter) async throws -> R
  ) async throws -> R {
    if Task.isCancelled { throw FileError(target, .create, .cancelled) }
    return try await complete(try await makeTemporary(for: target, options), through: buffer, body)
  }

  /// The same under a name in a directory of a target tree.
  @discardableResult
  public func writeFile<R>(
    _ name: [UInt8], in directory: TargetDirectory, options: FileWriteOptions = FileWriteOptions(),
    through buffer: IOBuffer? = nil, _ body: (FileWriter) async throws -> R
  ) async throws -> R {
    if Task.isCancelled { throw FileError(directory.target(name), .create, .cancelled) }
    return try await complete(try await makeTemporary(name, in: directory, options), through: buffer, body)
  }

  private func complete<R>(
    _ temporary: consuming TemporaryFile, through buffer: IOBuffer?, _ body: (FileWriter) async throws -> R
  ) async throws -> R {
    let target = temporary.file.reference
    let buffer = buffer ?? IOBuffer(capacity: configuration.alignedBufferSize)
    let writer = FileWriter(self, temporary, through: buffer)
    let result: R
    do {
      result = try await body(writer)
      try await writer.finish()
      if Task.isCancelled { throw FileError(target, .write, offset: writer.count, .cancelled) }
    } catch {
      await discard(writer.end())
      throw error
    }
    try await publish(writer.end())
    return result
  }

  /// ``FileWriting/writeFile(at:contents:options:)`` with the usual options.
  public func writeFile(at target: FileReference, contents: [UInt8]) async throws(FileError) {
    try await writeFile(at: target, contents: contents, options: FileWriteOptions())
  }

  /// ``FileWriting/copyFile(from:to:options:)`` with the usual options.
  @discardableResult
  public func copyFile(from source: FileReference, to target: FileReference) async throws(FileError) -> Int64 {
    try await copyFile(from: source, to: target, options: FileCopyOptions())
  }
}
