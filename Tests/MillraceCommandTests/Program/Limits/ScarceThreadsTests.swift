import FileTestSupport
import TestTurns
import Testing

/// The program with few threads (`ulimit -u`): it completes its work, or names the limit to raise. It does not hang,
/// and does not report a missing thread as the failure of a file.
@Suite(.inTurn, .needsScarceThreads) struct ScarceThreadsTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    // Another user reads it.
    try directory.setMode(0o644, of: bytes("a"))
    return directory
  }

  private func isRefusal(_ outcome: ChildProcess.Outcome) -> Bool {
    outcome.status == 2 && outcome.outputText == "" && outcome.errorLines.count == 1
      && outcome.errorText.contains("(ulimit -u; it is ")
  }

  /// A file that is not there is one that the caches cannot open: openers are asked for it.
  @Test(arguments: everyEngine, 1...12)
  func work_is_done_whole_or_not_at_all(engine: String, threads: Int) async throws {
    try requireEngine(engine)
    let outcome = try await ScarceResources.shell(
      threads: threads, "$MILLRACE hash --engine \(engine) gone a", in: directory())
    let isWhole =
      outcome.status == 1 && outcome.outputText == "\(abcDigits)  a\n"
      && outcome.errorText == "millrace: gone: open: No such file or directory\n"
    #expect(isWhole || isRefusal(outcome), "\(outcome.status): \(outcome.outputText)\(outcome.errorText)")
  }

  /// The main thread, the command's, one for the output, one for the walk, and two; `compare` has no output meanwhile.
  @Test(arguments: everyEngine)
  func few_threads_do(engine: String) async throws {
    try requireEngine(engine)
    for command in ["hash .", "read .", "count .", "compare --job hash --runs 1 --engines \(engine) ."] {
      let (threads, option) = command.hasPrefix("compare") ? (5, "") : (6, " --engine \(engine)")
      let outcome = try await ScarceResources.shell(
        threads: threads, "$MILLRACE \(command)\(option)", in: directory())
      #expect(outcome.errorText == "")
      #expect(outcome.outputText != "")
      #expect(outcome.status == 0)
    }
  }

  @Test(arguments: everyEngine, [6, 9, 12])
  func checksums_are_verified(engine: String, threads: Int) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.write(bytes("\(String(abcDigits.reversed()))  a\n"), to: bytes("wrong"))
    try directory.setMode(0o644, of: bytes("wrong"))
    let outcome = try await ScarceResources.shell(
      threads: threads, "$MILLRACE hash --engine \(engine) --check wrong", in: directory)
    #expect(outcome.outputText == "a: FAILED\n")
    #expect(outcome.status == 1)
  }

  @Test func a_command_that_needs_no_engine_needs_two_threads() async throws {
    let outcome = try await ScarceResources.shell(threads: 2, "$MILLRACE --version", in: directory())
    #expect(outcome.outputText.hasPrefix("millrace "))
    #expect(outcome.status == 0)
    #expect(isRefusal(try await ScarceResources.shell(threads: 1, "$MILLRACE --version", in: directory())))
  }
}
