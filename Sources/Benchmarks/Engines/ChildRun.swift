import Glibc
import Measurement
import SystemPackage

/// A program that ran from start to end, and what it took.
struct ChildRun {
  /// From before it was started until after it had ended.
  let seconds: Double
  /// Its children's, as far as it waited for them, included.
  let usage: ResourceUsage
  /// The most resident memory in bytes. The kernel counts from before the program took the place of the one that
  /// started it: less than that one had cannot be told.
  let peakMemory: Int
  /// What it printed on standard output.
  let output: [UInt8]

  /// Runs a program, and waits for its end, on this thread.
  ///
  /// - Parameter keepsOutput: if not, it goes to `/dev/null`.
  /// - Throws: ``CannotMeasure`` if it cannot be started, or fails.
  init(_ arguments: [String], keepsOutput: Bool) throws {
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.readEnd.close() }
    let start = ContinuousClock.now
    let child: pid_t
    do {
      defer { try? pipe.writeEnd.close() }
      child = try Self.start(arguments, output: keepsOutput ? pipe.writeEnd : nil)
    }
    output = try Self.readAll(pipe.readEnd)
    var (status, used) = (Int32(0), rusage())
    while wait4(child, &status, 0, &used) < 0 && errno == EINTR {}
    seconds = (ContinuousClock.now - start) / .seconds(1)
    (usage, peakMemory) = (ResourceUsage(used), used.ru_maxrss * 1024)
    if status != 0 { throw CannotMeasure("\(arguments.joined(separator: " ")): \(Self.end(status))") }
  }

  /// What wait(2) says, in words.
  static func end(_ status: Int32) -> String {
    status & 0x7f == 0 ? "exit status \(status >> 8 & 0xff)" : "ended by signal \(status & 0x7f)"
  }

  private static func start(_ arguments: [String], output: FileDescriptor?) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    }
    var child: pid_t = 0
    let error = withArgumentVector(arguments) { posix_spawn(&child, $0[0]!, &actions, nil, $0, environ) }
    if error != 0 { throw CannotMeasure("\(arguments[0]): \(Errno(rawValue: error))") }
    return child
  }

  private static func readAll(_ file: FileDescriptor) throws -> [UInt8] {
    var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}

/// Passes the arguments as C has them, ended by nil.
func withArgumentVector<R>(_ arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> R) rethrows -> R {
  let vector = arguments.map { strdup($0) } + [nil]
  defer { for argument in vector { free(argument) } }
  return try body(vector)
}
