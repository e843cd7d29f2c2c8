import Glibc
import SystemPackage

/// A named pipe that a child reads and a test writes. ``end()`` closes the write end.
struct InputPipe {
  private let descriptor: FileDescriptor

  init(_ name: String, in directory: TemporaryDirectory) throws {
    try directory.makeFIFO(bytes(name))
    // Opened for reading too, so that open(2) does not wait for the child. Not inherited: the child would be a writer.
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
