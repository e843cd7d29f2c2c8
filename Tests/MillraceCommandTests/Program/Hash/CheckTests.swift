import FileStages
import TestTurns
import Testing

/// `hash --check`.
@Suite(.inTurn) struct CheckTests {
  private static let files = ["a", "b c", "new\nline", "back\\slash"]

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in Self.files { try directory.write(bytes("abc"), to: bytes(name)) }
    return directory
  }

  @Test(arguments: everyEngine)
  func a_manifest_of_its_own_verifies(engine: String) async throws {
    try requireEngine(engine)
    let tree = try SampleTree.make()
    let script = "$MILLRACE hash --engine \(engine) . > ../$$ && $MILLRACE hash --engine \(engine) --check ../$$"
    let ours = try await Millrace.shell("\(script); status=$?; rm ../$$; exit $status", in: tree)
    let theirs = try await Millrace.shell("$MILLRACE hash . | sha256sum -c -", in: tree)

    #expect(ours.status == 0)
    #expect(ours.errorText == "")
    #expect(ours.outputLines == theirs.outputLines)
  }

  @Test(.comparedWithSha256sum, arguments: ["", "--tag"])
  func manifests_go_both_ways(tag: String) async throws {
    let tree = try SampleTree.make()

    let theirs = try await Millrace.shell(
      "find . -type f -print0 | xargs -0 sha256sum \(tag) | $MILLRACE hash --check --quiet -", in: tree)
    #expect(theirs.status == 0)
    #expect(theirs.outputText + theirs.errorText == "")

    let ours = try await Millrace.shell("$MILLRACE hash \(tag) . | sha256sum --quiet --strict -c -", in: tree)
    #expect(ours.status == 0)
    #expect(ours.outputText + ours.errorText == "")
  }

  @Test(arguments: DigestAlgorithm.allCases.filter(\.isAvailable))
  func the_algorithm_is_told_by_the_tag_or_the_length_or_the_option(algorithm: DigestAlgorithm) async throws {
    // Without a tag 16 digits are an XXH3, 8 a CRC-32C, and 32 an MD5.
    let isFoundByLength = algorithm != .xxh128
    for (tag, option, isFound) in [
      ("--tag", "", true), ("--tag", "--algorithm sha512", true), ("", "", isFoundByLength),
      ("", "--algorithm \(algorithm)", true),
    ] {
      let outcome = try await Millrace.shell(
        "$MILLRACE hash --algorithm \(algorithm) \(tag) a | $MILLRACE hash --check \(option) -", in: directory())
      #expect(outcome.outputText == "a: \(isFound ? "OK" : "FAILED")\n", "\(tag) \(option)")
      #expect(outcome.status == (isFound ? 0 : 1))
    }
  }

  @Test func several_algorithms_in_one_manifest() async throws {
    let outcome = try await Millrace.shell(
      "{ sha256sum a; md5sum --tag 'b c'; sha512sum a; } | $MILLRACE hash --check -", in: directory())
    #expect(outcome.outputText == "a: OK\nb c: OK\na: OK\n")
    #expect(outcome.status == 0)
  }

  @Test func a_flipped_byte_is_a_mismatch() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n\(abcDigits)  b c\n"), to: bytes("m"))
    try directory.write(bytes("abC"), to: bytes("a"))

    let outcome = try await Millrace.run("hash", "--check", "m", in: directory)

    #expect(outcome.outputText == "a: FAILED\nb c: OK\n")
    #expect(outcome.errorText == "millrace: WARNING: 1 computed checksum did NOT match\n")
    #expect(outcome.status == 1)
  }

  @Test func quiet_leaves_what_went_wrong() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n\(abcDigits)  b c\n"), to: bytes("m"))
    try directory.write(bytes("abC"), to: bytes("a"))
    let outcome = try await Millrace.run("hash", "--check", "-q", "m", in: directory)
    #expect(outcome.outputText == "a: FAILED\n")
    #expect(outcome.status == 1)
  }

  @Test(arguments: everyEngine)
  func a_missing_file_is_named_with_its_cause(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  gone\n\(abcDigits)  b c\n"), to: bytes("m"))

    let outcome = try await Millrace.run("hash", "--check", "m", "--engine", engine, in: directory)

    #expect(outcome.outputText == "gone: FAILED open or read\nb c: OK\n")
    #expect(
      outcome.errorLines == [
        "millrace: gone: open: No such file or directory", "millrace: WARNING: 1 listed file could not be read",
      ])
    #expect(outcome.status == 1)
  }

  @Test func a_broken_line_is_named_and_the_others_verified() async throws {
    let directory = try directory()
    try directory.write(
      bytes("# comment\n\(abcDigits)  a\nrubbish\n\(abcDigits)0  a\nSHA7 (a) = \(abcDigits)\n\(abcDigits)  b c\n"),
      to: bytes("m"))

    let outcome = try await Millrace.run("hash", "--check", "m", in: directory)

    #expect(outcome.outputText == "a: OK\nb c: OK\n")
    #expect(
      outcome.errorLines == [
        "millrace: m: line 3: no checksum",
        "millrace: m: line 4: no algorithm has checksums of 65 hexadecimal digits",
        "millrace: m: line 5: unknown algorithm SHA7", "millrace: WARNING: 3 lines are improperly formatted",
      ])
    #expect(outcome.status == 1)
  }

  @Test(arguments: ["", "\n\n", "# nothing\n"])
  func a_manifest_without_checksums_is_a_failure(text: String) async throws {
    let directory = try directory()
    try directory.write(bytes(text), to: bytes("m"))
    let outcome = try await Millrace.run("hash", "--check", "m", in: directory)
    #expect(outcome.outputText == "")
    #expect(outcome.errorLines == ["millrace: m: no properly formatted checksum lines found"])
    #expect(outcome.status == 1)
  }

  @Test func broken_lines_alone_are_counted_once() async throws {
    let directory = try directory()
    try directory.write(bytes("rubbish\n"), to: bytes("m"))
    let outcome = try await Millrace.run("hash", "--check", "m", in: directory)
    #expect(
      outcome.errorLines == [
        "millrace: m: line 1: no checksum", "millrace: m: no properly formatted checksum lines found",
        "millrace: WARNING: 1 line is improperly formatted",
      ])
    #expect(outcome.status == 1)
  }

  @Test func several_manifests_one_from_standard_input() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("m"))
    let outcome = try await Millrace.shell("tail -n 1 m | sed 's/a$/b c/' | $MILLRACE hash --check m -", in: directory)
    #expect(outcome.status == 0)
    #expect(outcome.outputText.split(separator: "\n").count == 2)
  }

  @Test func a_manifest_that_cannot_be_read_does_not_keep_the_others() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("m"))
    let reported = [
      "millrace: gone: open: No such file or directory", "millrace: .: read: Is a directory",
      "millrace: -: read: Bad file descriptor",
    ]

    let outcome = try await Millrace.shell("$MILLRACE hash --check gone . - m <&-", in: directory)
    #expect(outcome.outputText == "a: OK\n")
    #expect(outcome.errorLines == reported)
    #expect(outcome.status == 1)

    let json = try await Millrace.shell("$MILLRACE hash --check --json gone m . <&-", in: directory)
    let summary = try #require(try jsonObjects(json.output).last)
    #expect(summary["matched"] as? Int == 1)
    #expect(summary["unreadableManifests"] as? Int == 2)
    #expect(summary["emptyManifests"] as? Int == 0)

    let alone = try await Millrace.run("hash", "--check", "gone", in: directory)
    #expect(alone.outputText == "")
    #expect(alone.status == 1)
  }

  @Test(arguments: everyEngine)
  func more_manifests_than_files_may_be_open(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    for number in 0..<200 { try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("m\(number)")) }
    let outcome = try await Millrace.shell("ulimit -n 60; $MILLRACE hash --check --engine \(engine) m*", in: directory)
    #expect(outcome.outputLines == Array(repeating: bytes("a: OK"), count: 200))
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func lines_without_a_tag_are_of_the_algorithm_asked_for() async throws {
    let outcome = try await Millrace.shell(
      "{ sha256sum a; md5sum a; } | $MILLRACE hash --check --algorithm md5 -", in: directory())
    #expect(outcome.outputText == "a: OK\n")
    #expect(outcome.errorLines.first == "millrace: -: line 1: checksum of 64 hexadecimal digits, and MD5 has 32")
    #expect(outcome.status == 1)
  }

  @Test(arguments: everyEngine)
  func a_manifest_cannot_name_what_is_no_regular_file(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    try directory.makeFIFO(bytes("pipe"))
    try directory.write(
      bytes("\(abcDigits)  pipe\n\(abcDigits)  .\n\(abcDigits)  /dev/zero\n\(abcDigits)  a\n"), to: bytes("m"))

    let outcome = try await Millrace.run("hash", "--check", "m", "--engine", engine, in: directory)

    let failed = ["pipe", ".", "/dev/zero"].map { "\($0): FAILED open or read\n" }
    #expect(outcome.outputText == failed.joined() + "a: OK\n")
    #expect(
      outcome.errorLines.dropLast() == [
        "millrace: pipe: open: Not a regular file", "millrace: .: open: Is a directory",
        "millrace: /dev/zero: open: Not a regular file",
      ])
    #expect(outcome.status == 1)
  }

  @Test func as_json() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n\(abcDigits)  gone\nrubbish\n"), to: bytes("m"))
    let outcome = try await Millrace.run("hash", "--check", "--json", "m", in: directory)
    let objects = try jsonObjects(outcome.output)
    try #require(objects.map { $0["type"] as? String } == ["check", "check", "summary"])
    #expect(objects.map { $0["ok"] as? Bool } == [true, false, nil])
    #expect(objects[1]["error"] as? String == "No such file or directory")
    #expect(objects[2]["matched"] as? Int == 1)
    #expect(objects[2]["unreadable"] as? Int == 1)
    #expect(objects[2]["malformed"] as? Int == 1)
    #expect(outcome.status == 1)
  }

  @Test func verbose_names_the_engine() async throws {
    let directory = try directory()
    try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("m"))
    let outcome = try await Millrace.run("hash", "--check", "-v", "--engine", "threads", "m", in: directory)
    #expect(outcome.outputText == "a: OK\n")
    #expect(outcome.errorText.hasPrefix("millrace: threads: 1 file, 0."))
  }
}
