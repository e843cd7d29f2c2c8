import FileTestSupport
import Foundation
import Measurement
import Testing

/// The executable under test.
enum BenchmarksProgram {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// What `--json` printed: one document, and nothing else.
    func report() throws -> MeasuredReport {
      try JSONDecoder().decode(MeasuredReport.self, from: Data(output.utf8))
    }
  }

  /// - Parameter prefix: a command that runs it.
  static func run(_ arguments: String..., by prefix: [String] = []) async throws -> Outcome {
    let line = prefix + [builtExecutable("Benchmarks")] + arguments
    let outcome = try await ChildProcess(line.map { Array($0.utf8) }).outcome()
    return Outcome(
      status: outcome.status, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }
}

/// A directory with so many files of ten bytes in it, and one below.
func flatTree(files: Int) throws -> TemporaryDirectory {
  let directory = try TemporaryDirectory()
  for number in 1..<files { try directory.write(Array("0123456789".utf8), to: "\(number)") }
  try directory.makeDirectory("below")
  try directory.write(Array("9876543210".utf8), to: "below/last")
  return directory
}
