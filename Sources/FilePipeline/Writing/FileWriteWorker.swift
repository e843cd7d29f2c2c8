import AsyncPipeline
import FileEngines

/// One worker of a stage that writes files.
@usableFromInline
final class FileWriteWorker {
  private let reading: FileWorker
  private let writer: TargetWriter
  private let naming: @Sendable (FileEntry) throws -> FilePath
  private let options: FileWriteOptions
  /// For the output of the byte stages of a small file.
  private lazy var outputBuffer = Result { try reading.session.engine.makeBuffer() }

  @usableFromInline
  init(
    _ reading: FileWorker, _ target: WriteTarget, _ naming: @escaping @Sendable (FileEntry) throws -> FilePath,
    _ options: FileWriteOptions
  ) {
    (self.reading, writer) = (reading, TargetWriter(target))
    (self.naming, self.options) = (naming, options)
  }

  /// Writes one file. With ``Durability/batch`` it need not have its name yet, unless it is to be tried again after a
  /// failure.
  @usableFromInline
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> Publishable<FileResult<WrittenFile>> {
    writer.begin(options.durability, retry)
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in try await write(entry) }
    guard let unpublished = writer.end(), case .success(let written) = result.outcome else {
      return Publishable(result)
    }
    return Publishable(result, unpublished) {
      try await FileResult(entry, byteCount: result.byteCount) { () async throws(FileError) in
        try await unpublished.publish()
        return written
      }
    }
  }

  /// Returns the number of bytes that were read, too.
  private func write(_ entry: FileEntry) async throws(FileError) -> (WrittenFile, Int64) {
    let file = try entry.get()
    if writer.isInTarget(file.directory) { throw FileError(file, .open, .excluded) }
    let name = try file.processing { try naming(entry) }.bytes
    _ = try writer.claim(name, for: file)
    let reader = try reading.reader(for: file)
    guard let count = try await reader.readPiece(file, excluding: entry.session.excluded) else {
      return try await writer.target.whenThereIsRoom(for: file) { () async throws(FileError) in
        try await stream(entry, to: name)
      }
    }
    reading.meter.add(bytes: count)
    let written = try await writeSmall(entry, reader.buffer, count, to: name)
    return (written, Int64(count))
  }

  /// Calls `body` with the directory and the last name of a path below the target's root. A directory that has been
  /// removed since it was last used is made once more.
  private func inDirectory<R>(
    of path: [UInt8], for file: FileReference,
    _ body: (TargetDirectory, _ name: [UInt8], any FileEngine) async throws(FileError) -> R
  ) async throws(FileError) -> R {
    let engine = try reading.engine(for: file)
    let (parent, name) = path.directoryAndName
    var isFirst = true
    while true {
      do throws(FileError) {
        return try await body(writer.target.directory(parent, creating: .newDirectory, engine), name, engine)
      } catch {
        guard isFirst, Self.mayBeGone.contains(error.cause), !parent.isEmpty else { throw error }
        isFirst = false
        writer.target.tree.forget(parent)
      }
    }
  }

  /// The errors of calls in a directory that was removed: ext4 refuses a file without a name there with `EPERM`.
  private static let mayBeGone: Set<FileError.Cause> = [
    .system(.noSuchFileOrDirectory), .system(.staleNFSFileHandle), .system(.notPermitted),
  ]

  private func written(_ name: [UInt8], in directory: TargetDirectory, _ count: Int64) -> WrittenFile {
    let path = FilePath(bytes: directory.path).appending(FilePath(bytes: name).components)
    return WrittenFile(target: path, byteCount: count)
  }

  // MARK: Contents

  /// - Parameters:
  ///   - input: the file's bytes.
  ///   - count: the number of bytes.
  private func writeSmall(
    _ entry: FileEntry, _ input: IOBuffer, _ count: Int, to name: [UInt8]
  ) async throws(FileError) -> WrittenFile {
    guard let recipe = entry.recipe else {
      return try await write(input, count, to: name, for: entry.reference)
    }
    let bytes = try transform(entry, input, count, through: reading.stages(of: recipe))
    let output = try entry.reference.processing { try outputBuffer.get() }
    if bytes.count <= output.capacity {
      output.withMutableBytes { memory in memory.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
      return try await write(output, bytes.count, to: name, for: entry.reference)
    }
    return try await stream(to: name, entry) { writer in try await writer.write(bytes) }
  }

  private func transform(
    _ entry: FileEntry, _ input: IOBuffer, _ count: Int, through chain: ByteStageChain
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    chain.begin()
    try entry.reference.processing(at: Int64(count)) {
      let take = { (output: RawSpan) in output.withUnsafeBytes { bytes.append(contentsOf: $0) } }
      if count > 0 { try input.withBytes(count) { try chain.push($0, take) } }
      try chain.finish(take)
    }
    return bytes
  }

  private func write(
    _ buffer: IOBuffer, _ count: Int, to name: [UInt8], for file: FileReference
  ) async throws(FileError) -> WrittenFile {
    try await inDirectory(of: name, for: file) { directory, name, engine async throws(FileError) in
      try await self.writer.write(
        name, in: directory, from: buffer, count: count, options: self.options, by: engine)
      return self.written(name, in: directory, Int64(count))
    }
  }

  /// Writes a larger file chunk by chunk, each before the next is read.
  private func stream(_ entry: FileEntry, to name: [UInt8]) async throws(FileError) -> (WrittenFile, Int64) {
    var count: Int64 = 0
    let written = try await stream(to: name, entry) { writer in
      count = try await entry.withChunks { chunks in
        while let chunk = try await chunks.next() { try await writer.write(chunk) }
        return chunks.offset
      }
    }
    reading.meter.add(bytes: Int(count))
    return (written, count)
  }

  private func stream(
    to name: [UInt8], _ entry: FileEntry, _ body: (FileWriter) async throws -> Void
  ) async throws(FileError) -> WrittenFile {
    try await inDirectory(of: name, for: entry.reference) { directory, name, engine async throws(FileError) in
      do {
        let count = try await engine.writeFile(name, in: directory, options: self.options) { writer in
          try await body(writer)
          return writer.count
        }
        return self.written(name, in: directory, count)
      } catch {
        throw entry.reference.processingFailure(error, at: 0)
      }
    }
  }
}
