import IOUring

/// One task's way through many files: an engine and a buffer. It is not `Sendable`; each task has its own.
public final class FileReader {
  /// After so many reads the other tasks of the executor get a turn, in case none of them had to wait. A guess: a turn
  /// costs some 100 ns, and 2 MiB some 100 µs.
  static let readsPerTurn = 16
  /// The same for small files. A guess: 64 take some 300 µs where they are cached.
  static let filesPerTurn = 64

  package let engine: any FileEngine
  /// Taken with the first file, so that a reader that never gets one costs nothing.
  package private(set) lazy var buffer = engine.makeBuffer()
  private var files = 0

  public init(_ engine: any FileEngine) {
    self.engine = engine
  }

  /// Calls `body` with the bytes of the file, in order, at least one at a time, and returns how many it was called
  /// with. When it answers ``ByteDemand/enough`` the rest is not read.
  ///
  /// The file ends where a read says so, whatever size it had when it was opened: it may shrink or grow meanwhile.
  ///
  /// - Parameter excluded: files that are not read, by any name. Where there are some, the file costs one statx(2) at
  ///   most, on its open descriptor.
  /// - Throws: a ``FileError`` of opening or reading. When the task is cancelled, and for an excluded file, its cause
  ///   says so. What `body` throws ends the reading and has the operation ``FileError/Operation/process``; see
  ///   ``FileEngine/readFile(_:excluding:through:_:)``.
  @discardableResult
  public func read(
    _ reference: FileReference, excluding excluded: [FileIdentity] = [], _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    files += 1
    if files % Self.filesPerTurn == 0 { await Task.yield() }
    return try await engine.readFile(reference, excluding: excluded, through: buffer, body)
  }

  /// Reads a file that comes in one piece, and leaves its bytes at the start of ``buffer``. Of a longer one no more is
  /// read than the beginning.
  ///
  /// - Returns: how many bytes the file has. Nil for a longer one, and where only one more read, into the buffer, has
  ///   told that it is at its end.
  /// - Throws: as ``read(_:excluding:_:)``.
  package func readPiece(
    _ reference: FileReference, excluding excluded: [FileIdentity]
  ) async throws(FileError) -> Int? {
    var pieces: [Int] = []
    try await read(reference, excluding: excluded) { bytes in
      pieces.append(bytes.byteCount)
      return pieces.count > 1 ? .enough : .more
    }
    let count = pieces.first ?? 0
    return pieces.count > 1 || count > buffer.filledCount ? nil : count
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
