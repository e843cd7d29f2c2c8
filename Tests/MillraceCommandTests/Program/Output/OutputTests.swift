import Foundation
import Glibc
import TestTurns
import Testing

/// What goes to standard output and what to standard error, also if these are closed or full.
@Suite(.inTurn) struct OutputTests {
  @Test(arguments: [
    "hash .", "hash --json .", "count .", "read .", "compare --engines threads .", "demo --seconds 0", "doctor",
  ])
  func a_full_disk_ends_the_run(arguments: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.shell("$MILLRACE \(arguments) > /dev/full", in: directory)
    #expect(outcome.errorText == "millrace: standard output: write: No space left on device\n")
    #expect(outcome.status == 2)
  }

  @Test(arguments: everyEngine)
  func a_closed_standard_output_ends_the_run(engine: String) async throws {
    try requireEngine(engine)
    let tree = try SampleTree.make()
    let outcome = try await Millrace.shell("$MILLRACE hash --engine \(engine) . >&-", in: tree)
    #expect(outcome.errorText == "millrace: standard output: write: Bad file descriptor\n")
    #expect(outcome.status == 2)
  }

  /// As in a bare chroot.
  @Test(.needsMissingProc, arguments: [("a >&-", "standard output: write"), ("--files-from - <&-", "-: read")])
  func closed_streams_are_closed_without_dev_null(_ arguments: String, _ failed: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.shell(
      "unshare --mount sh -c 'mount -t tmpfs none /dev && exec $MILLRACE hash \(arguments)'", in: directory)
    #expect(outcome.errorText == "millrace: \(failed): Bad file descriptor\n")
    #expect(outcome.status == 2)
  }

  @Test func a_closed_standard_input_is_no_list() async throws {
    let outcome = try await Millrace.shell("$MILLRACE hash --files-from - <&-")
    #expect(outcome.errorText == "millrace: -: read: Bad file descriptor\n")
    #expect(outcome.status == 2)
  }

  @Test func a_closed_standard_error_takes_nothing_away() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.shell("$MILLRACE hash gone a 2>&-", in: directory)
    #expect(outcome.outputText == "\(abcDigits)  a\n")
    #expect(outcome.status == 1)
  }

  /// More output than the pipe and the program's buffer hold, so that it must notice.
  @Test(arguments: everyEngine)
  func a_reader_that_leaves_ends_the_run_quietly(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    try directory.write([], to: bytes("empty"))
    try directory.write(bytes(String(repeating: "./././././././././././././empty\n", count: 20_000)), to: bytes("list"))
    let child = try Millrace.start(
      "hash", "--engine", engine, "--files-from", "list", in: directory, closingOutputAfter: 1)
    let outcome = try await child.outcome()
    #expect(outcome.errorText == "")
    #expect(outcome.status == 128 + SIGPIPE)
  }

  @Test func a_manifest_piped_into_head() async throws {
    let tree = try SampleTree.make()
    let outcome = try await Millrace.shell("$MILLRACE hash . | head -n 1", in: tree)
    #expect(outcome.outputLines.count == 1)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func read_reports_its_throughput() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try directory.write(SampleTree.content(1000), to: bytes(name)) }
    let outcome = try await Millrace.run("read", "--engine", "threads", ".", in: directory)
    #expect(outcome.outputText.hasPrefix("2 files, 2.00 kB in 0."))
    #expect(outcome.outputText.hasSuffix("/s (threads)\n"))
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test(arguments: ["read", "hash", "count"])
  func quiet_leaves_what_went_wrong(command: String) async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try directory.write(bytes(name), to: bytes(name)) }
    let outcome = try await Millrace.run(command, "-q", "gone", ".", in: directory)
    #expect(outcome.outputText == "")
    #expect(outcome.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(outcome.status == 1)

    let json = try jsonObjects(try await Millrace.run(command, "-q", "--json", "gone", ".", in: directory).output)
    #expect(json.first?["type"] as? String == "failure")
    #expect(json.last?["type"] as? String == "summary")
    #expect(!json.contains { $0["type"] as? String == "file" })
  }

  @Test(arguments: everyEngine)
  func verbose_names_the_engine_on_standard_error(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.run("hash", "-v", "--engine", engine, "a", in: directory)
    #expect(outcome.outputText == "\(abcDigits)  a\n")
    #expect(outcome.errorText.hasPrefix("millrace: \(engine): 1 file, 3 B, 0."))
    let plan = outcome.errorText.split(separator: "\n")[1]
    #expect(plan.hasPrefix("millrace: \(engine): ") && plan.hasSuffix(" MiB of buffers"))
    #expect(outcome.status == 0)
  }

  @Test(arguments: everyEngine, ["read", "hash", "count"])
  func json_is_an_object_a_line_and_a_summary(engine: String, command: String) async throws {
    try requireEngine(engine)
    let tree = try SampleTree.make()
    let walked = try await Millrace.shell("find . -type f -print0 | sort -z", in: tree)
    let outcome = try await Millrace.run(command, "--json", "--engine", engine, ".", in: tree)

    let objects = try jsonObjects(outcome.output)
    let paths = objects.compactMap { object -> [UInt8]? in
      if let text = object["path"] as? String { return bytes(text) }
      let data = (object["pathBytes"] as? String).flatMap { Data(base64Encoded: $0) }
      if let data { #expect(String(validating: data, as: UTF8.self) == nil) }
      return data.map(Array.init)
    }
    #expect(paths == walked.output.split(separator: 0).map(Array.init))
    #expect(objects.last?["type"] as? String == "summary")
    #expect(objects.last?["engine"] as? String == engine)
    #expect(objects.last?["files"] as? Int == paths.count)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }
}
