import TestTurns
import Testing

/// `--files-from`.
@Suite(.inTurn) struct FileListTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["a", "b c", "new\nline", "-x"] { try directory.write(bytes("abc"), to: bytes(name)) }
    try directory.write([0x61], to: [0xFF])
    return directory
  }

  @Test(arguments: everyEngine)
  func names_by_the_line_in_the_order_of_the_list(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.write(bytes("b c\n-x\na\nb c"), to: bytes("list"))
    let outcome = try await Millrace.run("hash", "--files-from", "list", "--engine", engine, in: directory)
    #expect(outcome.outputText == ["b c", "-x", "a", "b c"].map { "\(abcDigits)  \($0)\n" }.joined())
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test(.comparedWithSha256sum, arguments: ["-0", "--null"])
  func names_that_end_in_nul_from_standard_input(option: String) async throws {
    let names = "find . -type f -print0 | sort -z"
    let directory = try directory()
    let expected = try await Millrace.shell("\(names) | xargs -0 sha256sum", in: directory)
    let outcome = try await Millrace.shell("\(names) | $MILLRACE hash --files-from - \(option)", in: directory)
    #expect(outcome.outputLines.count == 5)
    #expect(outcome.outputLines == expected.outputLines)
    #expect(outcome.status == 0)
  }

  @Test func what_is_wrong_with_a_name_is_said_in_its_place() async throws {
    let directory = try directory()
    let long = String(repeating: "n", count: 70_000)
    try directory.write(bytes("gone\n\na\n.\n\(long)\n\(long.prefix(5000))\na\0b\nb c\n"), to: bytes("list"))
    let outcome = try await Millrace.run("hash", "--json", "--files-from", "list", in: directory)
    let objects = try jsonObjects(outcome.output)
    #expect(
      objects.map { $0["error"] as? String } == [
        "No such file or directory", "No such file or directory", nil, "Is a directory", "File name too long",
        "File name too long", "The path contains a NUL byte", nil, nil,
      ])
    #expect(outcome.errorLines.count == 6)
    #expect(outcome.status == 1)
  }

  @Test func an_empty_list_is_no_failure() async throws {
    let outcome = try await Millrace.run("hash", "--files-from", "-")
    #expect(outcome.outputText + outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func a_list_that_cannot_be_read_aborts_the_run() async throws {
    let missing = try await Millrace.run("hash", "--files-from", "gone", in: directory())
    #expect(missing.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(missing.status == 2)

    let unreadable = try await Millrace.run("read", "--files-from", ".", in: directory())
    #expect(unreadable.outputText == "")
    #expect(unreadable.errorText == "millrace: .: read: Is a directory\n")
    #expect(unreadable.status == 2)
  }
}
