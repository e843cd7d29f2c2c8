import Glibc
import SystemPackage

/// Reads what a child prints, and waits for its end. For a thread that may block.
struct ChildReader {
  private struct Stream {
    /// Nil at its end.
    var descriptor: FileDescriptor?
    var bytes: [UInt8] = []
    /// After so many lines no more is read.
    var linesLeft = Int.max
  }

  private let process: pid_t
  private let deadline = ContinuousClock.now + ChildProcess.patience
  private var output: Stream
  private var errors: Stream

  init(_ process: pid_t, _ output: FileDescriptor, _ errors: FileDescriptor, closingOutputAfter lines: Int) {
    self.process = process
    self.output = Stream(descriptor: output, linesLeft: lines)
    self.errors = Stream(descriptor: errors)
  }

  /// - Parameter body: called with each piece that was read.
  mutating func readToEnd(
    _ body: (_ text: ArraySlice<UInt8>, _ isError: Bool) -> Void
  ) -> Result<ChildProcess.Outcome, ChildProcess.Hangs> {
    var isInTime = true
    while isInTime, output.descriptor != nil || errors.descriptor != nil { isInTime = readSome(body) }
    if !isInTime { kill(process, SIGKILL) }
    close()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    if !isInTime {
      return .failure(ChildProcess.Hangs(output: String(decoding: output.bytes + errors.bytes, as: UTF8.self)))
    }
    let signal = status & 0x7F
    return .success(
      ChildProcess.Outcome(
        output: output.bytes, errors: errors.bytes, status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
        signal: signal == 0 ? nil : signal))
  }

  /// False if the time is up.
  private mutating func readSome(_ body: (_ text: ArraySlice<UInt8>, _ isError: Bool) -> Void) -> Bool {
    // poll(2) passes by what has no descriptor.
    var requests = [output, errors].map {
      pollfd(fd: $0.descriptor?.rawValue ?? -1, events: Int16(POLLIN), revents: 0)
    }
    let left = (deadline - ContinuousClock.now).components.seconds
    guard left > 0, poll(&requests, 2, Int32(left) * 1000) != 0 else { return false }
    if requests[0].revents != 0 { body(Self.read(&output), false) }
    if requests[1].revents != 0 { body(Self.read(&errors), true) }
    return true
  }

  private static func read(_ stream: inout Stream) -> ArraySlice<UInt8> {
    guard let descriptor = stream.descriptor else { return [] }
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let count = Glibc.read(descriptor.rawValue, &buffer, buffer.count)
    if count < 0 && errno == EINTR { return [] }
    let text = buffer.prefix(max(0, count))
    stream.bytes += text
    stream.linesLeft -= text.count { $0 == UInt8(ascii: "\n") }
    if count <= 0 || stream.linesLeft <= 0 {
      try? descriptor.close()
      stream.descriptor = nil
    }
    return text
  }

  private func close() {
    for stream in [output, errors] { try? stream.descriptor?.close() }
  }
}
