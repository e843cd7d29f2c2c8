import Glibc
import TestTurns
import Testing

/// A dry run prints what a run does: line by line, in the same order.
@Suite(.inTurn) struct DryRunTests {
  /// Changes to source and target, copies of one another, before both runs.
  private static let situations = [
    "true", "rm -r b", "rm -r b/d", "echo more >> a/f", "touch -d 2001-02-03 a/f", "chmod 600 a/f", "chmod 700 a/d",
    "touch -d 2001-02-03 a/d", "touch a/d/new && touch -r b/d a/d", "echo x >> a/d/e/g && touch -r b/d/e a/d/e",
    "ln -sfn elsewhere a/link", "touch -h -d 2001-02-03 a/link", "chmod 600 a/pipe", "touch -d 2001-02-03 a/pipe",
    "rm b/link && mkdir b/link", "rm b/pipe && echo x > b/pipe", "rm b/f && mkfifo b/f", "rm b/f && ln -s g b/f",
    "rm -r b/d && echo x > b/d", "rm b/h1 b/h2", "rm b/d/h3", "rm b/h1 && cp -p b/h2 b/h1", "echo more >> a/h1",
    "chmod 600 a/h1", "touch a/extra && mkdir a/d/e/empty",
  ]
  private static let asRoot = [
    "chown 1234:5678 a/f", "chown 1234:5678 a/d", "chown -h 1234:5678 a/link", "chown 1234:5678 a/pipe",
    "chown 1234:5678 b/f", "chown 1234:5678 a/h1", "setfattr -n user.some -v thing a/d",
  ]

  private func makeTrees() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let made = try await directory.shell(
      """
      mkdir -p a/d/e && echo f > a/f && echo g > a/d/e/g && ln -s f a/link && mkfifo a/pipe
      echo h > a/h1 && ln a/h1 a/h2 && ln a/h1 a/d/h3
      """)
    try #require(made.status == 0)
    try #require(try await Millrace.run("copy", "a/", "b", in: directory).status == 0)
    return directory
  }

  /// Sequentially, so that the same name of a file is always the first.
  private func run(_ options: [String], in directory: TemporaryDirectory) async throws -> ChildProcess.Outcome {
    let words = ["copy", "--engine", "blocking", "--json"] + options + ["a/", "b"]
    return try await Millrace.start(words.map(bytes), in: directory).outcome()
  }

  private func check(_ situation: String, _ options: [String]) async throws {
    let directory = try await makeTrees()
    _ = try await directory.shell(situation)
    let state = "find a b -printf '%p %i %m %U %s %T@ %C@\\n' | sort"
    let before = try await directory.shell(state).outputText
    let planned = try await run(options + ["--dry-run"], in: directory)
    #expect(try await directory.shell(state).outputText == before)
    let done = try await run(options, in: directory)
    #expect(planned.status == done.status)
    #expect(planned.errorText == done.errorText)
    let (plannedLines, doneLines) = (planned.outputLines.dropLast(), done.outputLines.dropLast())
    #expect(
      plannedLines == doneLines, "\(situation): \(planned.outputText) is not \(done.outputText)")
    #expect(try counts(planned) == counts(done))
  }

  private func counts(_ outcome: ChildProcess.Outcome) throws -> [Int?] {
    let summary = try #require(try jsonObjects(outcome.output).last)
    return ["written", "linked", "updated", "unchanged", "failed"].map { summary[$0] as? Int }
  }

  @Test(arguments: situations) func lines_are_those_of_a_run(situation: String) async throws {
    try await check(situation, [])
  }

  @Test(arguments: ["always", "never"], ["rm -r b/d", "touch -d 2001-02-03 a/f a/d", "rm b/f b/h2 && mkfifo b/f"])
  func whatever_is_written_over(choice: String, situation: String) async throws {
    try await check(situation, ["--overwrite", choice])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: asRoot)
  func lines_are_those_of_a_run_as_root(situation: String) async throws {
    try await check(situation, [])
  }
}
