import Glibc
import Synchronization
import SystemPackage

/// A buffered writer. Without a buffer on a terminal, where bytes are written at once.
///
/// The caller must call ``flush()`` at the end: buffered bytes are lost if the writer is released without it. After a
/// failure the buffer is empty, and every call throws the same error. The descriptor is borrowed, and stays open.
///
/// Calls block while the descriptor is not writable. They may come from any thread; the bytes of one call stay
/// together.
final class ByteWriter: Sendable {
  /// The capacity of a pipe. A guess: larger sizes were not measured.
  static let defaultBufferSize = 64 * 1024

  private struct State {
    var buffer: [UInt8] = []
    var failure: Errno?
  }

  private let descriptor: FileDescriptor
  private let bufferSize: Int
  private let state = Mutex(State())

  /// - Parameter flushesEveryWrite: whether nothing is buffered. By default this is so on a terminal.
  init(
    _ descriptor: FileDescriptor, bufferSize: Int = ByteWriter.defaultBufferSize, flushesEveryWrite: Bool? = nil
  ) {
    self.descriptor = descriptor
    let isImmediate = flushesEveryWrite ?? (isatty(descriptor.rawValue) == 1)
    self.bufferSize = isImmediate ? 0 : bufferSize
  }

  func write(_ bytes: [UInt8]) throws(Errno) {
    try write { $0 += bytes }
  }

  /// Writes the bytes that `body` appends to the buffer, which may hold earlier ones. A lock is held meanwhile.
  func write(_ body: (inout [UInt8]) -> Void) throws(Errno) {
    try state.withLock { state throws(Errno) in
      if let failure = state.failure { throw failure }
      body(&state.buffer)
      if state.buffer.count >= bufferSize { try writeOut(&state) }
    }
  }

  /// Writes out the buffer.
  func flush() throws(Errno) {
    try state.withLock { state throws(Errno) in
      if let failure = state.failure { throw failure }
      try writeOut(&state)
    }
  }

  private func writeOut(_ state: inout State) throws(Errno) {
    do throws(Errno) {
      try descriptor.waitAndWriteAll(state.buffer)
      state.buffer.removeAll(keepingCapacity: true)
    } catch {
      state.failure = error
      state.buffer = []
      throw error
    }
  }
}
