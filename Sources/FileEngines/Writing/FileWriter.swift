import IOUring
import SystemPackage

/// Takes the bytes of a file in pieces of any size and writes them in order, through one buffer of bounded size. Made
/// by ``FileEngine/writeFile(at:options:through:_:)``, and of use until its body ends.
///
/// It is not `Sendable`: one task writes. After an error every further call throws the same, and the file is not
/// published even if the body goes on as if nothing were wrong.
public final class FileWriter {
  private let engine: any FileEngine
  private let reference: FileReference
  /// Nil from the end on.
  private var temporary: TemporaryFile?
  private let buffer: IOBuffer
  private var filled = 0
  private var flushes = 0
  /// Where the buffer's first byte goes.
  private var offset: Int64 = 0
  private var failure: FileError?
  /// Whether there are zeros at the end that were not written.
  private var endsInHole = false

  init(_ engine: any FileEngine, _ temporary: consuming TemporaryFile, through buffer: IOBuffer) {
    self.engine = engine
    self.buffer = buffer
    reference = temporary.file.reference
    self.temporary = consume temporary
  }

  /// How many bytes it has taken.
  public var count: Int64 { offset + Int64(filled) }

  /// Takes bytes. Suspends when the buffer is full, until it is written.
  ///
  /// - Throws: the errors of ``FileWriting/write(_:from:range:at:)``; ``FileError/Cause/cancelled`` if the task is
  ///   cancelled when the buffer is full.
  public func write(_ bytes: RawSpan) async throws(FileError) {
    if let failure { throw failure }
    if bytes.byteCount > 0 { endsInHole = false }
    var taken = 0
    while taken < bytes.byteCount {
      let piece = min(bytes.byteCount - taken, buffer.capacity - filled)
      buffer.withMutableBytes { memory in
        memory.withUnsafeMutableBytes { memory in
          bytes.extracting(taken..<taken + piece).withUnsafeBytes { memory[filled...].copyBytes(from: $0) }
        }
      }
      taken += piece
      filled += piece
      if filled == buffer.capacity { try await flush() }
    }
  }

  /// Takes bytes. See ``write(_:)-(RawSpan)``.
  public func write(_ bytes: [UInt8]) async throws(FileError) {
    try await write(bytes.span.bytes)
  }

  /// Leaves out zeros, which the file has there all the same: a hole.
  package func skip(_ count: Int) async throws(FileError) {
    try await flush()
    offset += Int64(count)
    endsInHole = endsInHole || count > 0
  }

  /// Writes what is left, and gives the file its length.
  func finish() async throws(FileError) {
    try await flush()
    if endsInHole { try await engine.setSize(temporary!.file, to: offset) }
  }

  /// Writes what the buffer holds, whole: what one call leaves undone the next one does.
  public func flush() async throws(FileError) {
    if let failure { throw failure }
    var written = 0
    do throws(FileError) {
      while written < filled {
        let place = offset + Int64(written)
        if Task.isCancelled { throw FileError(reference, .write, offset: place, .cancelled) }
        written += try await engine.write(temporary!.file, from: buffer, range: written..<filled, at: place)
      }
    } catch {
      failure = error
      throw error
    }
    offset += Int64(filled)
    filled = 0
    flushes += 1
    if flushes % FileReader.readsPerTurn == 0 { await Task.yield() }
  }

  /// The file, to be published or discarded. To be called once; from here on every call fails.
  func end() -> TemporaryFile {
    failure = FileError(reference, .write, .system(.badFileDescriptor))
    guard let temporary = temporary.take() else { preconditionFailure("a writer ends once") }
    return temporary
  }
}
