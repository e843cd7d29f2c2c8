import Glibc
import TestTurns
import Testing

/// Ctrl-C, SIGTERM and SIGHUP: one line, then the process ends by that signal, and soon.
@Suite(.inTurn) struct InterruptionTests {
  /// Long enough for a busy machine. A run that is not interrupted takes minutes.
  private static let soon = Duration.seconds(5)

  private static let messages = [SIGINT: "interrupted", SIGTERM: "terminated", SIGHUP: "hung up"]
  private static let signals = messages.keys.sorted()

  private static let jobs = [
    "hash --files-from -", "hash --json --files-from -", "count --files-from -", "read --json --files-from -",
    "hash --check -", "hash --check --json -",
  ]

  private func end(_ child: ChildProcess, by signal: Int32) async throws -> ChildProcess.Outcome {
    let start = ContinuousClock.now
    child.send(signal)
    let outcome = try await child.outcome()
    #expect(ContinuousClock.now - start < Self.soon)
    #expect(outcome.errorLines.last == "millrace: \(Self.messages[signal]!)")
    #expect(outcome.signal == signal)
    return outcome
  }

  @Test(arguments: signals) func waits_one_after_another(signal: Int32) async throws {
    let child = try Millrace.start("demo", "--seconds", "100")
    await child.waitForOutput(lines: 1)
    let outcome = try await end(child, by: signal)
    #expect(outcome.outputText == "[SYNC] task 1 starts\n")
    #expect(outcome.errorLines.count == 1)
  }

  @Test(.needsRing) func waits_together() async throws {
    let child = try Millrace.start("demo", "--together", "--seconds", "100", "--tasks", "3")
    await child.waitForOutput(lines: 3)
    let outcome = try await end(child, by: SIGINT)
    #expect(outcome.outputLines.count == 3)
    #expect(outcome.errorLines.count == 1)
  }

  @Test func waiting_for_standard_input() async throws {
    let directory = try TemporaryDirectory()
    let pipe = try InputPipe("pipe", in: directory)
    try directory.write(bytes("rubbish\n"), to: bytes("m"))
    let child = try Millrace.start("hash --check m -", reading: "pipe", in: directory)
    await child.waitForErrors(lines: 2)
    _ = try await end(child, by: SIGINT)
    try pipe.end()
  }

  // MARK: Results

  @Test(arguments: jobs, signals) func results_that_are_known_are_written(arguments: String, signal: Int32) async throws
  {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("f"))
    let pipe = try InputPipe("pipe", in: directory)
    let child = try Millrace.start(arguments, reading: "pipe", in: directory)
    let line = arguments.contains("--check") ? "\(abcDigits)  f\n" : "f\n"
    try pipe.write(String(repeating: line, count: 300))
    await child.waitForOutput(lines: 300)
    let outcome = try await end(child, by: signal)
    #expect(outcome.outputLines.count == 300)
    #expect(outcome.errorLines.count == 1)
    try pipe.end()
  }

  @Test func an_endless_list_leaves_whole_lines() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("f"))
    try directory.makeFIFO(bytes("pipe"))
    let child = try ChildProcess(
      ["/bin/sh", "-c", "yes f > pipe & exec \(Millrace.path) hash --files-from pipe"].map(bytes), in: directory)
    await child.waitForOutput(lines: 1000)
    let outcome = try await end(child, by: SIGTERM)
    #expect(outcome.outputLines.count >= 1000)
    #expect(Set(outcome.outputLines) == [bytes("\(abcDigits)  f")])
  }

  // MARK: Shells

  /// A shell ends its loop when a child has died of SIGINT, and continues it when a child has exited, whatever the
  /// status.
  @Test func a_loop_of_the_shell_ends() async throws {
    let outcome = try await Millrace.shell(
      "timeout -s INT 1 bash -c 'for i in 1 2 3; do $MILLRACE demo --seconds 100; done; echo continued'")
    #expect(!outcome.outputText.contains("continued"))
    // The status of timeout(1) when the time is up.
    #expect(outcome.status == 124)
  }

  @Test(.needsRing, arguments: signals) func a_signal_that_was_ignored_stays_ignored(signal: Int32) async throws {
    let child = try ChildProcess(
      ["/bin/sh", "-c", "trap '' \(signal); exec \(Millrace.path) demo --together --seconds 0.5 --tasks 1"].map(bytes),
      in: nil)
    await child.waitForOutput(lines: 1)
    child.send(signal)
    let outcome = try await child.outcome()
    #expect(outcome.outputLines.count == 3)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  /// Ctrl-\: the default action, without a message.
  @Test func quit_ends_the_process_at_once() async throws {
    let child = try ChildProcess(
      ["/bin/sh", "-c", "ulimit -c 0; exec \(Millrace.path) demo --seconds 100"].map(bytes), in: nil)
    await child.waitForOutput(lines: 1)
    child.send(SIGQUIT)
    let outcome = try await child.outcome()
    #expect(outcome.errorText == "")
    #expect(outcome.signal == SIGQUIT)
  }
}
