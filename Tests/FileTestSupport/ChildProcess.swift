import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A program under test, started with posix_spawn(3): its arguments are bytes, as the kernel has them.
///
/// What it prints comes through pipes. A thread of its own reads them and waits for the end, so that a
/// task that awaits it blocks no thread of Swift's pool. Nothing waits longer than ``patience``: a child that hangs is
/// killed.
public final class ChildProcess: Sendable {
  /// Much longer than any of these programs takes, on a machine that is busy with other things.
  public static let patience = Duration.seconds(60)

  public struct Outcome: Sendable {
    public let output: [UInt8]
    public let errors: [UInt8]
    /// 128 and the number of the signal, if one ended it, as a shell has it. See ``signal``.
    public let status: Int32
    /// The signal that ended it; nil if it exited, whatever the status.
    public let signal: Int32?
  }

  /// The child was killed, since it went on for longer than ``patience``.
  public struct Hangs: Error {
    public let output: String
  }

  public let identifier: pid_t
  private let printed = Mutex(PrintedText())
  private let end = Latch<Result<Outcome, Hangs>>()

  /// - Parameters:
  ///   - arguments: the program's path, and what follows it.
  ///   - directory: where it is to run.
  ///   - owner: kept until the child has ended.
  ///   - input: a file to be standard input.
  ///   - output: a file to be standard output, instead of the pipe.
  ///   - lines: after so many no more of standard output is read: the next write to it fails with EPIPE.
  ///   - environment: beside the present one, all of it `NAME=VALUE`.
  public init(
    _ arguments: [[UInt8]], in directory: [UInt8]? = nil, keeping owner: (AnyObject & Sendable)? = nil,
    input: String = "/dev/null", output: String? = nil, closingOutputAfter lines: Int = .max,
    environment: [String] = []
  ) throws {
    let pipes = (output: try NamedPipe(), errors: try NamedPipe())
    let arguments = directory.map { Self.changing(to: $0) + arguments } ?? arguments
    identifier = try spawn(arguments, environment, input: input, output: output, pipes.output, pipes.errors)
    // Not the pipes themselves, whose writing ends must be closed for the reading ends to reach their end.
    let (outputEnd, errorEnd) = (pipes.output.reading, pipes.errors.reading)
    try startThread(name: "child-process") {
      self.collect(outputEnd, errorEnd, closingOutputAfter: lines)
      withExtendedLifetime(owner) {}
    }
  }

  private func collect(_ output: FileDescriptor, _ errors: FileDescriptor, closingOutputAfter lines: Int) {
    var reader = ChildReader(identifier, output, errors, closingOutputAfter: lines)
    let outcome = reader.readToEnd { text, isError in printed.withLock { $0.append(text, isError: isError) } }
    printed.withLock { $0.end() }
    end.open(with: outcome)
  }

  /// A shell that goes to the directory and becomes the program.
  private static func changing(to directory: [UInt8]) -> [[UInt8]] {
    ["/bin/sh", "-c", #"cd "$0" && exec "$@""#].map { Array($0.utf8) } + [directory]
  }

  public func send(_ signal: Int32) { kill(identifier, signal) }

  /// Waits until standard output holds `count` lines, or has ended.
  public func waitForOutput(lines count: Int) async { await wait(lines: count, isError: false) }

  /// Waits until standard error holds `count` lines, or has ended.
  public func waitForErrors(lines count: Int) async { await wait(lines: count, isError: true) }

  /// Whether it prints nothing any more.
  public var hasEnded: Bool { printed.withLock { $0.isAtEnd } }

  private func wait(lines count: Int, isError: Bool) async {
    await withCheckedContinuation { continuation in
      printed.withLock { $0.wait(PrintedText.Waiter(lines: count, isError: isError, continuation: continuation)) }
    }
  }

  /// Waits until the program has ended.
  public func outcome() async throws -> Outcome {
    try await end.value.get()
  }
}

/// What a child has printed on standard output and standard error, and the tasks that wait for more.
private struct PrintedText {
  struct Waiter {
    let lines: Int
    let isError: Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private var lines = (output: 0, errors: 0)
  private(set) var isAtEnd = false
  private var waiters: [Waiter] = []

  mutating func wait(_ waiter: Waiter) {
    waiters.append(waiter)
    resumeWaiters()
  }

  mutating func append(_ text: ArraySlice<UInt8>, isError: Bool) {
    let count = text.count { $0 == UInt8(ascii: "\n") }
    if isError { lines.errors += count } else { lines.output += count }
    resumeWaiters()
  }

  mutating func end() {
    isAtEnd = true
    resumeWaiters()
  }

  private mutating func resumeWaiters() {
    waiters.removeAll { waiter in
      let isServed = isAtEnd || (waiter.isError ? lines.errors : lines.output) >= waiter.lines
      if isServed { waiter.continuation.resume() }
      return isServed
    }
  }
}
