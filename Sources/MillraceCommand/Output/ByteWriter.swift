import Glibc
import Synchronization
import SystemPackage

/// Collects results and writes them to a descriptor in large pieces, or to a terminal at once.
///
/// Whoever fills it calls ``flush()`` at the end; only then is every byte known to have been taken. After a failure the
/// writer holds nothing and throws the same error from every call, so that it cannot be missed. What it holds is lost
/// if it is released without a flush. The descriptor is borrowed, and stays open.
///
/// Calls block while the descriptor takes nothing. They may come from any thread; each call's bytes stay together.
final class ByteWriter: Sendable {
  /// As many bytes as a pipe holds. A guess: larger ones were not measured.
  static let defaultBufferSize = 64 * 1024

  private struct State {
    var buffer: [UInt8] = []
    var failure: Errno?
  }

  private let descriptor: FileDescriptor
  private let bufferSize: Int
  private let state = Mutex(State())

  /// - Parameter flushesEveryWrite: Whether nothing is held back. By default that is so on a terminal, where somebody
  ///   waits.
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

  /// Writes what `body` appends to the array it is given, which has earlier bytes in it. A lock is held meanwhile.
  func write(_ body: (inout [UInt8]) -> Void) throws(Errno) {
    try state.withLock { state throws(Errno) in
      if let failure = state.failure { throw failure }
      body(&state.buffer)
      if state.buffer.count >= bufferSize { try writeOut(&state) }
    }
  }

  /// Writes out whatever is held.
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
