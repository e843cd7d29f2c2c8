import FileTestSupport
import TestTurns
import Testing

/// The program without /proc, as in a bare chroot(2): checksums are right all the same.
@Suite(.inTurn, .needsMissingProc) struct WithoutProcTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("right"))
    try directory.write(bytes("\(String(abcDigits.reversed()))  a\n"), to: bytes("wrong"))
    return directory
  }

  @Test(arguments: everyEngine)
  func a_wrong_checksum_is_found(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    for (manifest, verdict, status) in [("right", "OK", 0), ("wrong", "FAILED", 1)] {
      let outcome = try await ScarceResources.shellWithoutProc(
        "$MILLRACE hash --engine \(engine) --check \(manifest)", in: directory)
      #expect(outcome.outputText == "a: \(verdict)\n")
      #expect(outcome.status == status)
    }
  }

  @Test(arguments: everyEngine)
  func files_are_processed(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    for command in ["hash .", "read .", "count .", "compare --job hash --runs 1 --engines \(engine) ."] {
      let line =
        command.hasPrefix("compare") ? "$MILLRACE \(command)" : "$MILLRACE \(command) --json --engine \(engine)"
      let outcome = try await ScarceResources.shellWithoutProc(line, in: directory)
      #expect(outcome.outputText != "")
      #expect(outcome.errorText == "")
      #expect(outcome.status == 0)
    }
  }

  @Test func progress_is_shown() async throws {
    let directory = try directory()
    // Long enough for a line of progress, which is printed after a second.
    let outcome = try await ScarceResources.shellWithoutProc(
      "sh -c '(sleep 3; echo a) | $MILLRACE hash --progress --files-from -'", in: directory)
    #expect(outcome.outputText == "\(abcDigits)  a\n")
    #expect(outcome.errorLines.count >= 2)
    #expect(outcome.status == 0)
  }

  @Test func the_command_line_is_understood() async throws {
    let directory = try directory()
    let version = try await ScarceResources.shellWithoutProc("$MILLRACE --version", in: directory)
    #expect(version.outputText.hasPrefix("millrace "))
    #expect(version.status == 0)
    #expect(try await ScarceResources.shellWithoutProc("$MILLRACE hash --no-such", in: directory).status == 64)
    #expect(try await ScarceResources.shellWithoutProc("$MILLRACE doctor", in: directory).status == 0)
  }

  @Test(.needsRing) func tasks_wait_together() async throws {
    let outcome = try await ScarceResources.shellWithoutProc("$MILLRACE demo --seconds 0.01", in: directory())
    #expect(outcome.outputText.contains("[TOTAL ASYNC]"))
    #expect(outcome.status == 0)
  }
}
