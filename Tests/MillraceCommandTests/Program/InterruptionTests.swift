import Glibc
import TestTurns
import Testing

/// Ctrl-C: one line, status 130, and soon.
@Suite(.inTurn) struct InterruptionTests {
  /// Long enough for a busy machine; a demo that was not stopped would take minutes.
  private static let soon = Duration.seconds(5)

  private func interrupt(_ child: ChildProcess, afterLines count: Int) async throws -> ChildProcess.Outcome {
    await child.waitForOutput(lines: count)
    let start = ContinuousClock.now
    child.send(SIGINT)
    let outcome = try await child.outcome()
    #expect(ContinuousClock.now - start < Self.soon)
    #expect(outcome.errorText == "millrace: interrupted\n")
    #expect(outcome.status == 130)
    return outcome
  }

  @Test func waits_one_after_another() async throws {
    let outcome = try await interrupt(try Millrace.start("demo", "--seconds", "100"), afterLines: 1)
    #expect(outcome.outputText == "[SYNC] task 1 starts\n")
  }

  @Test(.needsRing) func waits_together() async throws {
    // Half a second one after another, and the interruption comes in the midst of the second half.
    let child = try Millrace.start("demo", "--seconds", "0.2", "--tasks", "3")
    let outcome = try await interrupt(child, afterLines: 8)
    #expect(!outcome.outputText.contains("[TOTAL ASYNC]"))
  }

  @Test func waiting_for_standard_input() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeFIFO(bytes("pipe"))
    try directory.write(bytes("rubbish\n"), to: bytes("m"))
    // Opened to be written to as well, so that its end never comes.
    let child = try ChildProcess(
      ["/bin/sh", "-c", "exec \(Millrace.path) hash --check m - <> pipe"].map(bytes), in: directory)
    await child.waitForErrors(lines: 2)
    let start = ContinuousClock.now
    child.send(SIGINT)
    let outcome = try await child.outcome()
    #expect(ContinuousClock.now - start < Self.soon)
    #expect(outcome.errorLines.last == "millrace: interrupted")
    #expect(outcome.status == 130)
  }
}
