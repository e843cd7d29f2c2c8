import TestTurns
import Testing

/// A result is written as soon as it is known, before the next one: standard output is a pipe here.
@Suite(.inTurn) struct StreamingTests {
  private static let jobs = [
    "hash --files-from -", "hash --json --files-from -", "count --files-from -", "read --json --files-from -",
    "hash --files-from - --engine threads", "hash --files-from - --engine blocking",
  ]

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("f"))
    return directory
  }

  /// Writes the pieces one after another, each after the results of the lines before it.
  private func answers(_ arguments: String, to pieces: [String]) async throws -> ChildProcess.Outcome {
    let directory = try directory()
    let pipe = try InputPipe("pipe", in: directory)
    let child = try Millrace.start(arguments, reading: "pipe", in: directory)
    var written = ""
    for piece in pieces {
      try pipe.write(piece)
      written += piece
      await child.waitForOutput(lines: written.count { $0 == "\n" })
      // It would wait for more input until it is killed.
      #expect(!child.hasEnded)
    }
    try pipe.end()
    return try await child.outcome()
  }

  @Test(arguments: jobs) func names_that_come_slowly(arguments: String) async throws {
    let outcome = try await answers(arguments, to: ["f\n", "f\nf\n", "f", "\nf\n"])
    #expect(outcome.outputLines.count { !$0.contains(bytes("total")) && !$0.contains(bytes("summary")) } == 5)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test(arguments: ["hash --check -", "hash --check --json -"])
  func manifest_lines_that_come_slowly(arguments: String) async throws {
    let line = "\(abcDigits)  f\n"
    let outcome = try await answers(
      arguments, to: [line, line + line, String(line.prefix(20)), line.dropFirst(20) + line])
    #expect(outcome.outputLines.count { !$0.contains(bytes("summary")) } == 5)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  /// The last name needs no newline, and waits for the end of the input.
  @Test func a_name_that_the_end_completes() async throws {
    let outcome = try await answers("hash --files-from -", to: ["f\n", "f"])
    #expect(outcome.outputText == String(repeating: "\(abcDigits)  f\n", count: 2))
    #expect(outcome.status == 0)
  }
}
