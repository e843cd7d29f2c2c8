import IOUring

/// One task's way through many files: an engine and a buffer. It is not `Sendable`; each task has its own.
public final class FileReader {
  /// After so many reads the other tasks of the executor get a turn, in case none of them had to wait. A guess: a turn
  /// costs some 100 ns, and 2 MiB some 100 µs.
  static let readsPerTurn = 16
  /// The same for small files. A guess: 64 take some 300 µs where they are cached.
  static let filesPerTurn = 64

  private let engine: any FileEngine
  private let excluded: [FileIdentity]
  private let progress: FileProgress?
  /// Taken with the first file, so that a reader that never gets one costs nothing.
  private lazy var buffer = engine.makeBuffer()
  private var files = 0

  /// - Parameters:
  ///   - excluded: files that are not read, by any name. Where there are some, each file costs one statx(2) at most, on
  ///     its open descriptor.
  ///   - progress: counts what is read, while it is read; not the excluded files.
  public init(_ engine: any FileEngine, excluding excluded: [FileIdentity] = [], progress: FileProgress? = nil) {
    (self.engine, self.excluded, self.progress) = (engine, excluded, progress)
  }

  /// Calls `body` with the bytes of the file, in order, at least one at a time, and returns how many it was called with.
  /// When it answers ``ByteDemand/enough`` the rest is not read.
  ///
  /// The file ends where a read says so, whatever size it had when it was opened: it may shrink or grow meanwhile.
  ///
  /// - Throws: a ``FileError`` of opening or reading. When the task is cancelled, and for an excluded file, its cause
  ///   says so. What `body` throws ends the reading and has the operation ``FileError/Operation/process``; see
  ///   ``FileEngine/readFile(_:excluding:through:_:)``.
  @discardableResult
  public func read(
    _ reference: FileReference, _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    files += 1
    if files % Self.filesPerTurn == 0 { await Task.yield() }
    guard let progress else {
      return try await engine.readFile(reference, excluding: excluded, through: buffer, body)
    }
    do throws(FileError) {
      let count = try await engine.readFile(reference, excluding: excluded, through: buffer) { bytes in
        progress.addBytes(bytes.byteCount)
        return try body(bytes)
      }
      progress.addFile()
      return count
    } catch {
      if error.cause != .excluded { progress.addFile() }
      throw error
    }
  }
}

extension FileEngine {
  public func makeBuffer() -> IOBuffer { IOBuffer(capacity: configuration.alignedBufferSize) }

  public func readFile(
    _ reference: FileReference, excluding excluded: [FileIdentity], through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    try await readFileByCalls(reference, excluding: excluded, through: buffer, body)
  }

  /// The default implementation.
  func readFileByCalls(
    _ reference: FileReference, excluding excluded: [FileIdentity], through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    let file = try await open(reference)
    let total: Int64
    do throws(FileError) {
      try file.refuse(excluded)
      total = try await readSequentially(file, from: 0, through: buffer, body)
    } catch {
      await close(file)
      throw error
    }
    await close(file)
    return total
  }

  /// One buffer after another.
  func readSequentially(
    _ file: borrowing OpenFile, from offset: Int64, through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    var offset = offset
    var reads = 0
    while true {
      // What is cached, or read by a thread that it blocks, does not look at the task.
      if Task.isCancelled { throw FileError(file.reference, .read, offset: offset, .cancelled) }
      let count = try await read(file, into: buffer, at: offset)
      if count == 0 { return offset }
      let demand = try buffer.withBytes(count) { bytes throws(FileError) in
        try file.reference.process(bytes, at: offset, body)
      }
      offset += Int64(count)
      if demand == .enough { return offset }
      // Fewer bytes than asked for, and the end where it was when the file was opened: no need to ask again. Files that
      // have no size (/proc), or perhaps a wrong one, or that have grown, are read until a read says that they are at
      // their end.
      let isAtSize = offset == file.size && file.size > 0 && file.isSizeTrue
      if count < buffer.capacity && isAtSize { return offset }
      reads += 1
      if reads % FileReader.readsPerTurn == 0 { await Task.yield() }
    }
  }
}

extension FileEngineConfiguration {
  /// The buffer size as `O_DIRECT` needs it.
  var alignedBufferSize: Int {
    max(1, (bufferSize + IOBuffer.alignment - 1) / IOBuffer.alignment) * IOBuffer.alignment
  }
}
