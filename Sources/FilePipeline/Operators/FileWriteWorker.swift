import AsyncPipeline
import FileEngines

/// One task of a stage that writes files.
@usableFromInline
final class FileWriteWorker {
  private let reading: FileWorker
  private let target: WriteTarget
  private let naming: @Sendable (FileEntry) throws -> FilePath
  private let options: FileWriteOptions
  /// For what the stages make of a small file.
  private lazy var outputBuffer = Result { try reading.session.engine.makeBuffer() }
  /// The name that the present file has taken.
  private var taken: [UInt8]?
  private var membership = TargetMembership()
  /// Whether a file may get its name behind the worker.
  private var publishesLater = false
  /// The present file, if it has not got its name.
  private var unpublished: UnpublishedFile?

  @usableFromInline
  init(
    _ reading: FileWorker, _ target: WriteTarget, _ naming: @escaping @Sendable (FileEntry) throws -> FilePath,
    _ options: FileWriteOptions
  ) {
    (self.reading, self.target, self.naming, self.options) = (reading, target, naming, options)
  }

  /// One file. With ``Durability/batch`` it need not have its name yet, unless it is to be tried again.
  @usableFromInline
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> WriteStep {
    (taken, unpublished) = (nil, nil)
    publishesLater = options.durability == .batch && retry.isNever
    defer { unpublished = nil }
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in try await write(entry) }
    return WriteStep(result, unpublished)
  }

  /// Returns how many bytes were read, too.
  private func write(_ entry: FileEntry) async throws(FileError) -> (WrittenFile, Int64) {
    let file = try entry.get()
    if membership.contains(file.directory, in: target.tree) { throw FileError(file, .open, .excluded) }
    let name = try file.processing { try naming(entry) }.bytes
    try take(name, for: file)
    let reader = try reading.reader(for: file)
    guard let count = try await reader.readPiece(file, excluding: entry.session.excluded) else {
      return try await target.whenThereIsRoom(for: file) { () async throws(FileError) in
        try await stream(entry, to: name)
      }
    }
    reading.meter.add(bytes: count)
    let written = try await writeSmall(entry, reader.buffer, count, to: name)
    return (written, Int64(count))
  }

  // MARK: Names

  private func take(_ name: [UInt8], for file: FileReference) throws(FileError) {
    if taken == name { return }
    if !target.take(name) { throw FileError(file, .create, .nameTaken) }
    taken = name
  }

  /// Where a file is to be.
  private struct Place {
    let engine: any FileEngine
    let directory: TargetDirectory
    let name: [UInt8]

    var path: FilePath { FilePath(bytes: directory.path).appending(FilePath(bytes: name).components) }
  }

  /// Calls `body` with the place of a name. A directory that has gone since it was used last is made once more.
  private func atPlace<R>(
    _ path: [UInt8], for file: FileReference, _ body: (Place) async throws(FileError) -> R
  ) async throws(FileError) -> R {
    let engine = try reading.engine(for: file)
    let name = TargetName(path)
    var isFirst = true
    while true {
      do throws(FileError) {
        let found = try await engine.directory(name.directory, in: target.tree, creating: .newDirectory)
        try await target.removeLeftovers(in: found, engine)
        return try await body(Place(engine: engine, directory: found, name: name.last))
      } catch {
        guard isFirst, Self.mayBeGone.contains(error.cause), !name.directory.isEmpty else { throw error }
        isFirst = false
        target.tree.forget(name.directory)
      }
    }
  }

  /// What calls in a directory say that was removed: ext4 refuses a file without a name there with `EPERM`.
  private static let mayBeGone: Set<FileError.Cause> = [
    .system(.noSuchFileOrDirectory), .system(.staleNFSFileHandle), .system(.notPermitted),
  ]

  // MARK: Contents

  /// - Parameters:
  ///   - input: has the file.
  ///   - count: of its bytes.
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
    return try await atPlace(name, for: entry.reference) { place async throws(FileError) in
      try await self.stream(to: place, entry) { writer in try await writer.write(bytes) }
    }
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
    let options = options
    return try await atPlace(name, for: file) { place async throws(FileError) in
      if self.publishesLater {
        self.unpublished = try await place.engine.writeUnpublished(
          place.name, in: place.directory, from: buffer, count: count, options: options)
      } else {
        try await place.engine.writeFile(place.name, in: place.directory, from: buffer, count: count, options: options)
      }
      return WrittenFile(target: place.path, byteCount: Int64(count))
    }
  }

  /// A larger file, piece by piece, each written before the next is read.
  private func stream(_ entry: FileEntry, to name: [UInt8]) async throws(FileError) -> (WrittenFile, Int64) {
    try await atPlace(name, for: entry.reference) { place async throws(FileError) in
      let chunks = FileChunkReader(entry)
      do throws(FileError) {
        let written = try await self.stream(to: place, entry) { writer in
          while let chunk = try await chunks.next() { try await writer.write(chunk) }
        }
        self.reading.meter.add(bytes: Int(chunks.offset))
        return (written, chunks.offset)
      } catch {
        await chunks.end()
        throw error
      }
    }
  }

  private func stream(
    to place: Place, _ entry: FileEntry, _ body: (FileWriter) async throws -> Void
  ) async throws(FileError) -> WrittenFile {
    do {
      let count = try await place.engine.writeFile(place.name, in: place.directory, options: options) { writer in
        try await body(writer)
        return writer.count
      }
      return WrittenFile(target: place.path, byteCount: count)
    } catch {
      throw entry.reference.processingFailure(error, at: 0)
    }
  }
}
