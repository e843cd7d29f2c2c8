import FileEngines

extension FileEntry {
  /// The file's bytes after its byte stages, as an asynchronous sequence of chunks: for work that awaits, such as an
  /// upload. For work that only computes, a ``ByteReducer`` needs neither a copy nor a change of thread.
  ///
  /// ```swift
  /// .mapAsync(width: 8) { file in
  ///   for try await chunk in file.chunks { try await upload(chunk) }
  /// }
  /// ```
  ///
  /// A chunk is read when it is requested, with no read-ahead: an iterator holds one buffer of the engine's buffer
  /// size. Chunk boundaries have no meaning. The file is closed at its end, after an error, and when the iterator is
  /// released. Iterating throws a ``FileEngines/FileError``; in a cancelled task its cause is
  /// ``FileEngines/FileError/Cause/cancelled``.
  public var chunks: FileChunks { FileChunks(file: self) }
}

extension FileEntry {
  /// Calls `body` with a reader of the file's bytes, and closes the file when `body` has returned or thrown.
  func withChunks<R>(_ body: (FileChunkReader) async throws -> R) async throws -> R {
    let chunks = FileChunkReader(self)
    do {
      let result = try await body(chunks)
      await chunks.end()
      return result
    } catch {
      await chunks.end()
      throw error
    }
  }
}

/// The bytes of one file: see ``FileEntry/chunks``.
public struct FileChunks: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  public typealias Failure = FileError

  let file: FileEntry

  /// Each iterator opens the file anew.
  public func makeAsyncIterator() -> Iterator {
    Iterator(reader: FileChunkReader(file))
  }

  public struct Iterator: AsyncIteratorProtocol {
    let reader: FileChunkReader

    /// The next bytes, at least one; nil at the end.
    public mutating func next() async throws(FileError) -> [UInt8]? {
      try await reader.next()
    }

    /// As ``next()``, on the actor.
    public nonisolated(nonsending) mutating func next(
      isolation actor: (any Actor)?
    ) async throws(FileError) -> [UInt8]? {
      try await reader.next()
    }
  }
}

@available(*, unavailable)
extension FileChunks.Iterator: Sendable {}

/// Reads one file chunk by chunk.
final class FileChunkReader {
  private let entry: FileEntry
  private let chain: ByteStageChain?
  private var engine: (any FileEngine)?
  private var buffer: IOBuffer?
  /// Nil before the first chunk, after the last, and during a call of ``next()``.
  private var file: OpenFile?
  private(set) var offset: Int64 = 0
  private var isOver = false

  init(_ entry: FileEntry) {
    self.entry = entry
    chain = entry.recipe.map { ByteStageChain($0.stages) }
  }

  func next() async throws(FileError) -> [UInt8]? {
    while !isOver {
      let file = try await open()
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try await read(file)
      } catch {
        isOver = true
        await engine?.close(file)
        throw error
      }
      if isOver { await engine?.close(file) } else { self.file = consume file }
      if !bytes.isEmpty { return bytes }
    }
    return nil
  }

  /// Closes the file if it is open. No further chunk follows.
  func end() async {
    isOver = true
    if let file = file.take() { await engine?.close(file) }
  }

  private func open() async throws(FileError) -> OpenFile {
    if let file = file.take() { return file }
    let reference = try entry.get()
    isOver = true
    let engine = try entry.session.engine(for: reference)
    let file = try await engine.open(reference)
    do throws(FileError) {
      try file.refuse(entry.session.excluded)
    } catch {
      await engine.close(file)
      throw error
    }
    chain?.begin()
    isOver = false
    (self.engine, buffer) = (engine, engine.makeBuffer())
    return file
  }

  /// Reads the next chunk and passes it through the stages, which may give no bytes. Sets ``isOver`` at the end.
  private func read(_ file: borrowing OpenFile) async throws(FileError) -> [UInt8] {
    guard let engine, let buffer else { preconditionFailure("a file is read before it was opened") }
    if Task.isCancelled { throw FileError(entry.reference, .read, offset: offset, .cancelled) }
    let count = try await engine.read(file, into: buffer, at: offset)
    isOver = count == 0
    defer { offset += Int64(count) }
    return try entry.reference.processing(at: offset) {
      var bytes: [UInt8] = []
      guard let chain else { return buffer.withBytes(count) { bytes in bytes.withUnsafeBytes { [UInt8]($0) } } }
      if count > 0 { try buffer.withBytes(count) { try chain.push($0) { bytes.append(copying: $0) } } }
      isOver = isOver || chain.hasEnough
      if isOver { try chain.finish { bytes.append(copying: $0) } }
      return bytes
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(copying bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }
}
