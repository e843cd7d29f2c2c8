import Glibc
import SystemPackage

/// A named pipe that a child reads, and a test writes to when it is time. Its end comes with ``end()``.
struct InputPipe {
  private let descriptor: FileDescriptor

  init(_ name: String, in directory: TemporaryDirectory) throws {
    try directory.makeFIFO(bytes(name))
    // To be read as well, so that opening it does not wait for the child. Not inherited: the child would be a writer.
    descriptor = try FileDescriptor.open("\(directory.path)/\(name)", .readWrite, options: .closeOnExec)
  }

  func write(_ text: String) throws {
    _ = try descriptor.writeAll(bytes(text))
  }

  func end() throws {
    try descriptor.close()
  }
}

extension Millrace {
  /// Starts the command with the named pipe as standard input.
  static func start(_ arguments: String, reading pipe: String, in directory: TemporaryDirectory) throws -> ChildProcess
  {
    try ChildProcess(["/bin/sh", "-c", "exec \(path) \(arguments) < \(pipe)"].map(bytes), in: directory)
  }
}
