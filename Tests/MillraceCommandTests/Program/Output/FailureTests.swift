import Glibc
import TestTurns
import Testing

/// Files that cannot be read: each is a line on standard error, the others are processed, and the status is 1.
@Suite(.inTurn) struct FailureTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    return directory
  }

  @Test(arguments: everyEngine, ["hash", "read", "count"])
  func a_path_that_does_not_exist(engine: String, command: String) async throws {
    try requireEngine(engine)
    let outcome = try await Millrace.run(command, "gone", "a", "--engine", engine, in: directory())
    #expect(outcome.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(outcome.outputText != "")
    #expect(outcome.status == 1)
  }

  @Test(arguments: everyEngine)
  func what_is_no_regular_file_is_not_opened(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.makeFIFO(bytes("pipe"))

    let named = try await Millrace.run("hash", "pipe", "/dev/null", "a", "--engine", engine, in: directory)
    #expect(named.outputText == "\(abcDigits)  a\n")
    #expect(
      named.errorLines == [
        "millrace: pipe: open: Not a regular file", "millrace: /dev/null: open: Not a regular file",
      ])
    #expect(named.status == 1)

    let walked = try await Millrace.run("hash", ".", "--engine", engine, in: directory)
    #expect(walked.outputText == "\(abcDigits)  ./a\n")
    #expect(walked.errorText == "")
    #expect(walked.status == 0)
  }

  @Test(arguments: everyEngine)
  func an_empty_directory_is_no_failure(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    let outcome = try await Millrace.run("hash", ".", "--engine", engine, in: directory)
    #expect(outcome.outputText + outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test(.needsPermissionsToCount, arguments: everyEngine)
  func without_permission(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.makeDirectory(bytes("closed"))
    try directory.write(bytes("abc"), to: bytes("closed/b"))
    try directory.write(bytes("abc"), to: bytes("secret"))
    try directory.write(bytes("abc"), to: bytes("z"))
    try directory.setMode(0, of: bytes("closed"))
    try directory.setMode(0, of: bytes("secret"))
    defer { try? directory.setMode(0o700, of: bytes("closed")) }

    let outcome = try await Unprivileged.shell("$MILLRACE hash --engine \(engine) .", in: directory)

    #expect(outcome.outputText == "\(abcDigits)  ./a\n\(abcDigits)  ./z\n")
    #expect(
      outcome.errorLines.sorted() == [
        "millrace: ./closed: list: Permission denied", "millrace: ./secret: open: Permission denied",
      ])
    #expect(outcome.status == 1)
  }

  @Test func failures_are_quoted_so_that_each_is_one_line() async throws {
    let outcome = try await Millrace.start([bytes("hash"), bytes("a\nb"), [0xFF], bytes("a: open")]).outcome()
    #expect(
      outcome.errorLines == [
        "millrace: $'a\\nb': open: No such file or directory", "millrace: $'\\377': open: No such file or directory",
        "millrace: 'a: open': open: No such file or directory",
      ])
    #expect(outcome.status == 1)
  }

  /// Files are created and removed while they are read. The results depend on timing; the run completes in any case.
  @Test(arguments: everyEngine)
  func files_that_vanish_and_shrink_meanwhile(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    for index in 0..<200 { try directory.write(SampleTree.content(10_000), to: bytes("f\(index)")) }
    try directory.write(SampleTree.content(1_000_000), to: bytes("z"))
    let outcome = try await Millrace.shell(
      """
      for i in 1 3 5 7 9; do rm -f f*$i; : > z; done &
      $MILLRACE hash --engine \(engine) .; status=$?
      wait; exit $status
      """, in: directory)
    let failures = outcome.errorLines
    #expect(failures.allSatisfy { $0.hasSuffix(": open: No such file or directory") })
    #expect(outcome.status == (failures.isEmpty ? 0 : 1))
    #expect(outcome.outputLines.count + failures.count <= 201)
    #expect(outcome.outputLines.count >= 101)
  }

  @Test func as_json() async throws {
    let outcome = try await Millrace.run("hash", "--json", "gone", "a", in: directory())
    let objects = try jsonObjects(outcome.output)
    try #require(objects.map { $0["type"] as? String } == ["failure", "file", "summary"])
    #expect(objects[0]["path"] as? String == "gone")
    #expect(objects[0]["operation"] as? String == "open")
    #expect(objects[0]["error"] as? String == "No such file or directory")
    #expect(objects[2]["failed"] as? Int == 1)
    #expect(objects[2]["files"] as? Int == 1)
    #expect(outcome.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(outcome.status == 1)
  }
}
