import Glibc
import Synchronization
import SystemPackage

/// A pipe whose ends no other child can inherit, not even one that is started at the same time: it is made with a name,
/// which is opened close-on-exec and removed. (pipe2(2) is among what Swift's C library overlay does not show.)
final class NamedPipe: Sendable {
  /// The caller's to close.
  let reading: FileDescriptor
  /// Closed with the object.
  let writing: FileDescriptor

  init() throws {
    let directory = try TemporaryDirectory()
    let path = String(decoding: try directory.makePipe("pipe"), as: UTF8.self)
    // Without waiting for a writer, and then with waiting for what is written.
    reading = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    writing = try FileDescriptor.open(path, .writeOnly, options: [.closeOnExec])
    _ = fcntl(reading.rawValue, F_SETFL, 0)
  }

  deinit {
    try? writing.close()
  }
}

/// Starts a program with posix_spawn(3), with the signals' default actions and none blocked, whatever the tests were
/// started with: a background job of a shell has SIGINT ignored, and its children inherit that.
///
/// - Parameters:
///   - environment: beside the present one, and before it.
///   - output: a file to be standard output, instead of the pipe.
func spawn(
  _ arguments: [[UInt8]], _ environment: [String], input: String, output: String?, _ outputPipe: NamedPipe,
  _ errorPipe: NamedPipe
) throws(Errno) -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
  if let output {
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0)
  } else {
    posix_spawn_file_actions_adddup2(&actions, outputPipe.writing.rawValue, 1)
  }
  posix_spawn_file_actions_adddup2(&actions, errorPipe.writing.rawValue, 2)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { sigaddset(&signals, signal) }
  posix_spawnattr_setsigdefault(&attributes, &signals)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

  var process: pid_t = 0
  let variables = merged(environment)
  let error = withCStrings(arguments) { argv in
    withCStrings(variables) { envp in posix_spawn(&process, argv[0]!, &actions, &attributes, argv, envp) }
  }
  withExtendedLifetime((outputPipe, errorPipe)) {}
  if error != 0 { throw Errno(rawValue: error) }
  return process
}

/// The variables of the present environment, but for those that are given.
private func merged(_ given: [String]) -> [[UInt8]] {
  var variables = given.map { Array($0.utf8) }
  let names = Set(variables.map { $0.prefix { $0 != UInt8(ascii: "=") } })
  var next = environ
  while let variable = next.pointee {
    let bytes = UnsafeBufferPointer(start: variable, count: strlen(variable)).map { UInt8(bitPattern: $0) }
    if !names.contains(bytes.prefix { $0 != UInt8(ascii: "=") }) { variables.append(bytes) }
    next += 1
  }
  return variables
}

private func withCStrings<R>(_ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let copies = strings.map { string in strdup((string + [0]).map(CChar.init(bitPattern:))) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}
