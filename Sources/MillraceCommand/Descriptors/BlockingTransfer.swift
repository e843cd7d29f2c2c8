import Glibc
import SystemPackage

/// Reads and writes that block until they are complete. Standard streams may be non-blocking, since a process that
/// shares the terminal or the pipe can set `O_NONBLOCK`: `EAGAIN` is then waited for with poll(2).
extension FileDescriptor {
  /// Reads once into `buffer`, from its start on, and returns the number of bytes: 0 at the end of the file.
  func waitAndRead(into buffer: inout [UInt8]) throws(Errno) -> Int {
    // The pointer is for the system call alone, which writes at most `count` bytes.
    try retrying(POLLIN) { buffer.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) } }
  }

  /// Writes all of `bytes`, in as many writes as that takes.
  func waitAndWriteAll(_ bytes: [UInt8]) throws(Errno) {
    var written = 0
    while written < bytes.count {
      // The pointer is for the system call alone, which reads at most the rest of `bytes`.
      let count = try retrying(POLLOUT) {
        bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress! + written, $0.count - written) }
      }
      // No file system should return 0; without this the loop would not end.
      if count == 0 { throw .ioError }
      written += count
    }
  }

  /// A faulty file system may return `EINTR` without end, or `EAGAIN` although poll(2) reports readiness: after this
  /// many retries in a row the error is thrown. A guess.
  static let mostRetries = 1000

  /// Repeats `call` while it fails with `EINTR` or `EAGAIN`, at most ``mostRetries`` times.
  ///
  /// - Parameters:
  ///   - readiness: the event that poll(2) waits for after `EAGAIN`.
  ///   - call: returns a negative number on failure, with `errno` set.
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

  /// Returns when the descriptor is ready or has failed, or when poll(2) was interrupted. The next call finds out
  /// which.
  private func wait(for readiness: Int32) {
    var request = pollfd(fd: rawValue, events: Int16(readiness), revents: 0)
    _ = poll(&request, 1, -1)
  }
}
