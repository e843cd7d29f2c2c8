import TestTurns
import Testing

/// The file that standard output goes to is not processed.
@Suite(.inTurn) struct OutputFileTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try directory.write(bytes("abc"), to: bytes(name)) }
    return directory
  }

  private let both = "\(abcDigits)  ./a\n\(abcDigits)  ./b\n"
  private let notice = "millrace: ./out: skipped: standard output is written to it\n"

  @Test(arguments: everyEngine)
  func a_manifest_in_the_tree_verifies(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    let made = try await Millrace.shell("$MILLRACE hash --engine \(engine) . > out", in: directory)
    #expect(made.errorText == notice)
    #expect(made.status == 0)
    #expect(try directory.read("out") == bytes(both))
    let check = try await Millrace.shell(
      "sha256sum --check --quiet out && $MILLRACE hash --check -q out", in: directory)
    #expect(check.outputText + check.errorText == "")
    #expect(check.status == 0)
  }

  @Test(
    arguments: everyEngine,
    [
      // Appended to; found by another name; named by a list, as find(1) makes it; named as an argument.
      "$MILLRACE hash . >> out", "ln out ln; $MILLRACE hash . > out",
      "find . -type f | sort | $MILLRACE hash --files-from - > out",
      "$MILLRACE hash ./* > out", "ln -s out ln; $MILLRACE hash ./a ./b ./ln > out",
    ])
  func it_is_recognised_by_every_name(engine: String, script: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.write([], to: bytes("out"))
    let outcome = try await Millrace.shell("export MILLRACE_ENGINE=\(engine); \(script)", in: directory)
    #expect(try directory.read("out") == bytes(both))
    #expect(outcome.errorLines.allSatisfy { $0.hasSuffix(": skipped: standard output is written to it") })
    #expect(!outcome.errorLines.isEmpty)
    #expect(outcome.status == 0)
  }

  @Test func it_is_no_failure_and_no_result() async throws {
    let directory = try directory()
    let json = try await Millrace.shell(
      "$MILLRACE hash --json . > out; status=$?; cat out; exit $status", in: directory)
    let objects = try jsonObjects(json.output)
    #expect(objects.map { $0["type"] as? String } == ["file", "file", "summary"])
    #expect(objects.last?["files"] as? Int == 2)
    #expect(objects.last?["skipped"] as? Int == 1)
    #expect(objects.last?["failed"] as? Int == 0)
    #expect(json.status == 0)

    let read = try await Millrace.shell("$MILLRACE read . > out; cat out", in: directory)
    #expect(read.outputText.hasPrefix("2 files, 6 B in "))
    let count = try await Millrace.shell("$MILLRACE count out a > out; cat out", in: directory)
    #expect(count.outputText == "       0       1       3 a\n")
    let quiet = try await Millrace.shell("$MILLRACE hash -q . > out", in: directory)
    #expect(quiet.errorText == "")
  }

  @Test(arguments: ["> /dev/null", "| cat", "> ../$$; status=$?; cat ../$$; rm ../$$; exit $status"])
  func nothing_is_skipped_where_the_output_is_elsewhere(output: String) async throws {
    let directory = try directory()
    let outcome = try await Millrace.shell("$MILLRACE hash . \(output)", in: directory)
    #expect(outcome.errorText == "")
    if output != "> /dev/null" { #expect(outcome.outputText == both) }
    #expect(outcome.status == 0)
  }
}
