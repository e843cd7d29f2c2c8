import Foundation
import Glibc
import SystemPackage
import Testing

/// The executable under test.
enum Millrace {
  /// It is built into the same directory as the tests, which are an executable too.
  static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("millrace").path

  static func start(
    _ arguments: [[UInt8]], in directory: TemporaryDirectory? = nil, input: String = "/dev/null", output: String? = nil
  ) throws -> ChildProcess {
    try ChildProcess([bytes(path)] + arguments, in: directory, input: input, output: output)
  }

  static func start(
    _ arguments: String..., in directory: TemporaryDirectory? = nil, input: String = "/dev/null", output: String? = nil
  ) throws -> ChildProcess {
    try start(arguments.map(bytes), in: directory, input: input, output: output)
  }

  static func run(
    _ arguments: String..., in directory: TemporaryDirectory? = nil, input: String = "/dev/null", output: String? = nil
  ) throws -> ChildProcess.Outcome {
    try start(arguments.map(bytes), in: directory, input: input, output: output).outcome()
  }

  /// Runs a line of shell, in which `$MILLRACE` is the executable.
  static func shell(_ script: String, in directory: TemporaryDirectory? = nil) throws -> ChildProcess.Outcome {
    try ChildProcess(
      ["/bin/sh", "-c", script].map(bytes), in: directory, environment: ["MILLRACE": path]
    ).outcome()
  }
}

/// The objects of `--json`, one from each line.
func jsonObjects(_ output: [UInt8]) throws -> [[String: any Sendable]] {
  try lines(output).map { line in
    try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: any Sendable])
  }
}
