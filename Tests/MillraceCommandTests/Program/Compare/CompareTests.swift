import TestTurns
import Testing

/// As root `--cold` empties the caches of the whole machine.
@Suite(.alone) struct CompareTests {
  private func text(_ outcome: ChildProcess.Outcome) -> [String] {
    outcome.outputLines.map { String(decoding: $0, as: UTF8.self) }
  }

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] { try directory.write(SampleTree.content(5000), to: bytes(name)) }
    return directory
  }

  @Test(.needsRing, arguments: ["read", "hash", "count"])
  func a_row_for_every_engine(job: String) async throws {
    let tree = try SampleTree.make()
    let outcome = try await Millrace.run("compare", ".", "--job", job, "--runs", "2", in: tree)

    let lines = text(outcome)
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(lines[0].hasPrefix("\(job), "))
    #expect(lines[0].hasSuffix(", 2 runs each, warm"))
    #expect(lines[4...6].map { $0.prefix { $0 != " " } } == ["blocking", "threads", "uring"])
    #expect(lines.last?.hasPrefix("Results identical on all engines. ") == true)
  }

  @Test func the_engines_asked_for_in_their_order() async throws {
    let outcome = try await Millrace.run(
      "compare", "--engines", "threads,blocking", "--runs", "1", ".", in: directory())
    let lines = text(outcome)
    #expect(outcome.status == 0)
    #expect(lines[0] == "read, 3 files, 15.0 kB, 1 run each, warm")
    #expect(lines[4...5].map { $0.prefix { $0 != " " } } == ["threads", "blocking"])
    #expect(lines.count == 8)
  }

  @Test func runs_take_turns_in_json() async throws {
    let outcome = try await Millrace.run(
      "compare", "--engines", "blocking,threads", "--runs", "2", "--json", "--job", "hash", ".", in: directory())
    let objects = try jsonObjects(outcome.output)
    let types = ["run", "run", "run", "run", "engine", "engine", "summary"]
    try #require(objects.compactMap { $0["type"] as? String } == types)
    #expect(
      objects.prefix(6).compactMap { $0["engine"] as? String }
        == ["blocking", "threads", "blocking", "threads", "blocking", "threads"])
    #expect(objects.prefix(4).compactMap { $0["round"] as? Int } == [1, 1, 2, 2])
    #expect(objects[4]["speedup"] as? Double == 1)
    #expect(objects[6]["identical"] as? Bool == true)
    #expect(objects[6]["files"] as? Int == 3)
    #expect(outcome.status == 0)
  }

  @Test func cold_says_what_was_done() async throws {
    let outcome = try await Millrace.run(
      "compare", "--engines", "blocking,threads", "--runs", "1", "--cold", ".", in: directory())
    #expect(text(outcome)[0].contains(", cold: page"))
    #expect(outcome.status == 0)
  }

  @Test(arguments: [["--runs", "1"], ["--runs", "1", "--cold"]])
  func a_file_that_cannot_be_read_is_named_once(options: [String]) async throws {
    let arguments = ["compare", "gone", ".", "--engines", "blocking,threads"] + options
    let outcome = try await Millrace.start(arguments.map(bytes), in: directory()).outcome()
    #expect(outcome.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(outcome.outputText.contains("Results identical on all engines, 1 failure included."))
    #expect(outcome.status == 1)
  }

  @Test func an_empty_directory() async throws {
    let empty = try TemporaryDirectory()
    let outcome = try await Millrace.run("compare", "--runs", "1", "--engines", "blocking,threads", ".", in: empty)
    #expect(text(outcome)[0] == "read, 0 files, 0 B, 1 run each, warm")
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func a_list_is_read_for_every_run_and_closed_again() async throws {
    let directory = try directory()
    try directory.write(bytes("a\nb\n"), to: bytes("list"))
    let outcome = try await Millrace.shell(
      "ulimit -n 64; $MILLRACE compare --engines threads --depth 2 --runs 100 --files-from list", in: directory)
    #expect(text(outcome)[0] == "read, 2 files, 10.0 kB, 100 runs each, warm")
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func a_pipe_is_no_list_to_be_read_for_every_run() async throws {
    let directory = try directory()
    let outcome = try await Millrace.shell(
      "printf 'a\\n' | $MILLRACE compare --engines blocking,threads --runs 1 --files-from /dev/stdin",
      in: directory)
    #expect(outcome.outputText == "")
    let message = "millrace: /dev/stdin: compare reads the list for every run: it must be a regular file"
    #expect(outcome.errorLines == [message])
    #expect(outcome.status == 2)
  }
}
