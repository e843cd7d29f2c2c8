import Glibc
import SystemPackage

/// Reads and writes that block until the descriptor has done its part. Standard streams may be non-blocking, since a
/// process that shares the terminal or the pipe can make them so; `EAGAIN` then means to wait, not to fail.
extension FileDescriptor {
  /// Fills `buffer` from its start with what one read gives, and returns how many bytes that was: 0 at the end of file.
  func waitAndRead(into buffer: inout [UInt8]) throws(Errno) -> Int {
    // The pointer is for the system call alone, which writes at most `count` bytes.
    try retrying(POLLIN) { buffer.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) } }
  }

  /// Writes all of `bytes`, however many writes that takes.
  func waitAndWriteAll(_ bytes: [UInt8]) throws(Errno) {
    var written = 0
    while written < bytes.count {
      // The pointer is for the system call alone, which reads at most the rest of `bytes`.
      let count = try retrying(POLLOUT) {
        bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress! + written, $0.count - written) }
      }
      // No file system should; it would be asked again for ever.
      if count == 0 { throw .ioError }
      written += count
    }
  }

  /// So often one after another nothing but a file system answers that a call was interrupted, or that it would block
  /// when poll(2) has just said that it would not. A guess.
  static let mostRetries = 1000

  /// Makes `call` until it neither was interrupted nor would have blocked, at most ``mostRetries`` times more. It
  /// returns a negative number to say that `errno` has the reason; `readiness` is what `poll(2)` then waits for.
  func retrying(_ readiness: Int32, _ call: () -> Int) throws(Errno) -> Int {
    var retries = 0
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = Errno(rawValue: errno)
      retries += 1
      if retries > Self.mostRetries { throw error }
      switch error {
      case .interrupted: continue
      case .wouldBlock: wait(for: readiness)
      default: throw error
      }
    }
  }

  /// Returns when the descriptor is ready, failed or was interrupted: the call that follows tells which.
  private func wait(for readiness: Int32) {
    var request = pollfd(fd: rawValue, events: Int16(readiness), revents: 0)
    _ = poll(&request, 1, -1)
  }
}
