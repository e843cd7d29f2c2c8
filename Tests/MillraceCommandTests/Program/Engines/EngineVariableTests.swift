import TestTurns
import Testing

/// `MILLRACE_ENGINE`, which decides what `--engine auto` takes.
@Suite(.inTurn) struct EngineVariableTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    return directory
  }

  @Test(arguments: everyEngine, ["", "--engine auto"])
  func decides_what_auto_takes(engine: String, option: String) async throws {
    try requireEngine(engine)
    let outcome = try await Millrace.shell("MILLRACE_ENGINE=\(engine) $MILLRACE hash -v \(option) a", in: directory())
    #expect(outcome.outputText == "\(abcDigits)  a\n")
    #expect(outcome.errorText.hasPrefix("millrace: \(engine): 1 file, 3 B, "))
    #expect(outcome.status == 0)
  }

  @Test func yields_to_an_explicit_choice() async throws {
    let outcome = try await Millrace.shell(
      "MILLRACE_ENGINE=blocking $MILLRACE hash -v --engine threads a", in: directory())
    #expect(outcome.errorText.hasPrefix("millrace: threads: "))
    let unknown = try await Millrace.shell("MILLRACE_ENGINE=steam $MILLRACE hash --engine threads a", in: directory())
    #expect(unknown.outputText == "\(abcDigits)  a\n")
  }

  @Test(arguments: ["", "auto"])
  func leaves_the_choice_to_the_machine(value: String) async throws {
    let outcome = try await Millrace.shell("MILLRACE_ENGINE=\(value) $MILLRACE hash -v a", in: directory())
    let taken = whyNoRing == nil ? "uring" : "threads"
    #expect(outcome.errorLines.contains { $0.hasPrefix("millrace: \(taken): ") })
    #expect(outcome.status == 0)
  }

  @Test(arguments: ["steam", "Threads", " uring", "\\377"])
  func what_is_no_engine_ends_the_run(value: String) async throws {
    for command in ["hash a", "read .", "count a", "hash --check list"] {
      let directory = try directory()
      try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("list"))
      let outcome = try await Millrace.shell("MILLRACE_ENGINE=$(printf '\(value)') $MILLRACE \(command)", in: directory)
      #expect(outcome.outputText == "")
      #expect(
        outcome.errorLines == [
          "millrace: The environment variable MILLRACE_ENGINE names no engine. "
            + "It may be one of auto, uring, threads, blocking."
        ])
      #expect(outcome.status == 2)
    }
  }

  @Test(arguments: [
    ("threads", "threads (MILLRACE_ENGINE is threads)"), ("blocking", "blocking (MILLRACE_ENGINE is blocking)"),
    ("steam", "none (MILLRACE_ENGINE is invalid)"),
  ])
  func is_in_what_doctor_says(value: String, row: String) async throws {
    let outcome = try await Millrace.shell("MILLRACE_ENGINE=\(value) $MILLRACE doctor")
    #expect(outcome.outputText.contains("\n--engine auto takes  \(row)\n"))
    let advises = outcome.outputText.contains("- The environment variable MILLRACE_ENGINE names no engine.")
    #expect(advises == (value == "steam"))
    #expect(outcome.status == 0)
  }

  @Test func is_in_the_help() async throws {
    let outcome = try await Millrace.run("hash", "--help")
    #expect(outcome.outputText.contains("MILLRACE_ENGINE"))
  }
}
