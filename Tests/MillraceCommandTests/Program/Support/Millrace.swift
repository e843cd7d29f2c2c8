import FileTestSupport
import Foundation
import Glibc
import SystemPackage
import Testing

/// The executable under test.
enum Millrace {
  static let path = builtExecutable("millrace")

  /// Runs a command where io_uring is refused.
  static let refuser = builtExecutable("refuse-io-uring")

  static func start(
    _ arguments: [[UInt8]], in directory: TemporaryDirectory? = nil, input: String = "/dev/null", output: String? = nil,
    closingOutputAfter lines: Int = .max
  ) throws -> ChildProcess {
    try ChildProcess(
      [bytes(path)] + arguments, in: directory, input: input, output: output, closingOutputAfter: lines)
  }

  static func start(
    _ arguments: String..., in directory: TemporaryDirectory? = nil, closingOutputAfter lines: Int = .max
  ) throws -> ChildProcess {
    try start(arguments.map(bytes), in: directory, closingOutputAfter: lines)
  }

  static func run(
    _ arguments: String..., in directory: TemporaryDirectory? = nil, input: String = "/dev/null", output: String? = nil
  ) async throws -> ChildProcess.Outcome {
    try await start(arguments.map(bytes), in: directory, input: input, output: output).outcome()
  }

  /// Runs a line of shell, in which `$MILLRACE` is the executable and `$REFUSE` what refuses io_uring to a command.
  static func shell(_ script: String, in directory: TemporaryDirectory? = nil) async throws -> ChildProcess.Outcome {
    try await ChildProcess(
      ["/bin/sh", "-c", script].map(bytes), in: directory, environment: ["MILLRACE=\(path)", "REFUSE=\(refuser)"]
    ).outcome()
  }
}

/// The objects of `--json` output, one per line.
func jsonObjects(_ output: [UInt8]) throws -> [[String: any Sendable]] {
  try lines(output).map { line in
    try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: any Sendable])
  }
}
