import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

/// A program under test, started with posix_spawn(3): its arguments are bytes, as the kernel has them.
///
/// What it prints comes through pipes. Nothing here waits longer than ``patience``: a child that hangs is killed, and the
/// test fails.
final class ChildProcess {
  /// Much longer than any of these programs takes, on a machine that is busy with other things.
  static let patience = Duration.seconds(60)

  struct Outcome {
    let output: [UInt8]
    let errors: [UInt8]
    /// 128 and the number of the signal, if one ended it.
    let status: Int32

    var outputText: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errors, as: UTF8.self) }
    var outputLines: [[UInt8]] { lines(output) }
    var errorLines: [String] { lines(errors).map { String(decoding: $0, as: UTF8.self) } }
  }

  private struct Stream {
    var descriptor: Int32
    var bytes: [UInt8] = []

    var lineCount: Int { bytes.count { $0 == UInt8(ascii: "\n") } }
  }

  private let process: pid_t
  /// Kept until the child has ended.
  private let directory: TemporaryDirectory?
  private let deadline = ContinuousClock.now + patience
  private var output: Stream
  private var errors: Stream

  /// - Parameters:
  ///   - arguments: the program's path, and what follows it.
  ///   - input: a file to be standard input.
  ///   - output: a file to be standard output, instead of the pipe.
  init(
    _ arguments: [[UInt8]], in directory: TemporaryDirectory? = nil, input: String = "/dev/null",
    output path: String? = nil, environment: [String: String] = [:]
  ) throws {
    self.directory = directory
    let started = try Self.starting.withLock { _ in
      try Self.start(directory.map { Self.changing(to: $0.path) + arguments } ?? arguments, input, path, environment)
    }
    process = started.process
    (output, errors) = (Stream(descriptor: started.output), Stream(descriptor: started.errors))
  }

  /// One at a time, else a child could inherit another's pipes before these are set to close on exec.
  private static let starting = Mutex(())

  /// A shell that goes to the directory and becomes the program.
  private static func changing(to directory: String) -> [[UInt8]] {
    ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, directory].map(bytes)
  }

  private static func start(
    _ arguments: [[UInt8]], _ input: String, _ path: String?, _ environment: [String: String]
  ) throws -> (process: pid_t, output: Int32, errors: Int32) {
    let (output, errors) = (try FileDescriptor.pipe(), try FileDescriptor.pipe())
    for end in [output.readEnd, output.writeEnd, errors.readEnd, errors.writeEnd] {
      _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC)
    }
    defer {
      try? output.writeEnd.close()
      try? errors.writeEnd.close()
    }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    if let path {
      posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY, 0)
    } else {
      posix_spawn_file_actions_adddup2(&actions, output.writeEnd.rawValue, 1)
    }
    posix_spawn_file_actions_adddup2(&actions, errors.writeEnd.rawValue, 2)

    // The order of globs, and the wording of messages.
    let merged = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }.merging(environment) { $1 }
    var process: pid_t = 0
    let error = withCStrings(arguments) { argv in
      withCStrings(merged.map { bytes("\($0)=\($1)") }) { envp in
        posix_spawn(&process, argv[0]!, &actions, nil, argv, envp)
      }
    }
    if error != 0 { throw Errno(rawValue: error) }
    return (process, output.readEnd.rawValue, errors.readEnd.rawValue)
  }

  deinit {
    closeOutput()
    if errors.descriptor >= 0 { close(errors.descriptor) }
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Reads no more of standard output: the next write to it finds nobody.
  func closeOutput() {
    if output.descriptor >= 0 { close(output.descriptor) }
    output.descriptor = -1
  }

  /// Waits until standard output holds `count` lines, or has ended.
  func waitForOutput(lines count: Int) {
    while output.descriptor >= 0, output.lineCount < count, readSome() {}
  }

  /// Waits until standard error holds `count` lines, or has ended.
  func waitForErrors(lines count: Int) {
    while errors.descriptor >= 0, errors.lineCount < count, readSome() {}
  }

  /// Waits until the program has ended.
  func outcome() -> Outcome {
    while output.descriptor >= 0 || errors.descriptor >= 0, readSome() {}
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(
      output: output.bytes, errors: errors.bytes, status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
  }

  /// False if the time is up.
  private func readSome() -> Bool {
    var requests = [output, errors].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let left = (deadline - ContinuousClock.now).components.seconds
    guard left > 0, poll(&requests, 2, Int32(left) * 1000) != 0 else {
      Issue.record("the child hangs; it printed \(String(decoding: output.bytes + errors.bytes, as: UTF8.self))")
      send(SIGKILL)
      return false
    }
    if requests[0].revents != 0 { Self.read(&output) }
    if requests[1].revents != 0 { Self.read(&errors) }
    return true
  }

  private static func read(_ stream: inout Stream) {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let count = Glibc.read(stream.descriptor, &buffer, buffer.count)
    if count < 0 && errno == EINTR { return }
    if count > 0 {
      stream.bytes += buffer[..<count]
    } else {
      close(stream.descriptor)
      stream.descriptor = -1
    }
  }
}

/// The lines of what a program printed, the last of which need not end in a newline.
func lines(_ text: [UInt8]) -> [[UInt8]] {
  var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  if lines.last == [] { lines.removeLast() }
  return lines
}

private func withCStrings<R>(_ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let copies = strings.map { string in strdup((string + [0]).map(CChar.init(bitPattern:))) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}
