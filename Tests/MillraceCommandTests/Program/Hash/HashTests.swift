import TestTurns
import Testing

@Suite(.inTurn) struct HashTests {
  @Test(.comparedWithSha256sum, arguments: everyEngine)
  func hash_prints_what_sha256sum_prints_in_the_order_of_the_paths(engine: String) async throws {
    try requireEngine(engine)
    let tree = try SampleTree.make()
    let expected = try await Millrace.shell("find . -type f -print0 | sort -z | xargs -0 sha256sum", in: tree)

    let outcome = try await Millrace.run("hash", ".", "--engine", engine, in: tree)

    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(outcome.outputLines == expected.outputLines)
  }

  @Test(.comparedWithSha256sum, arguments: everyEngine)
  func sorted_lines_are_those_of_find_and_sha256sum(engine: String) async throws {
    try requireEngine(engine)
    let tree = try SampleTree.make()
    let expected = try await Millrace.shell("find \(tree.path) -type f -print0 | xargs -0 sha256sum | sort", in: tree)

    let outcome = try await Millrace.shell("$MILLRACE hash --engine \(engine) \(tree.path) | sort", in: tree)

    #expect(outcome.errorText == "")
    #expect(outcome.output == expected.output)
  }

  @Test(
    .comparedWithSha256sum,
    arguments: [
      "--buffer-size 1", "--buffer-size 1MiB", "--depth 1 --loops 1", "--loops 3 --depth 7", "--page-cache bypass",
    ])
  func tuning_changes_no_result(options: String) async throws {
    let tree = try SampleTree.make()
    let expected = try await Millrace.shell("find . -type f -print0 | sort -z | xargs -0 sha256sum", in: tree)
    let outcome = try await Millrace.shell("$MILLRACE hash . \(options)", in: tree)
    #expect(outcome.output == expected.output)
    #expect(outcome.errorText == "")
  }

  @Test(
    arguments: [
      ("md5", "md5sum"), ("sha1", "sha1sum"), ("sha256", "sha256sum"), ("sha384", "sha384sum"),
      ("sha512", "sha512sum"),
    ],
    ["", "--tag"])
  func algorithms_are_those_of_the_system(algorithm: (option: String, program: String), tag: String) async throws {
    let directory = try TemporaryDirectory()
    for size in [0, 1, 55, 56, 64, 131_072, 300_001] {
      try directory.write(SampleTree.content(size), to: bytes("a \(size)"))
    }
    let expected = try await Millrace.shell("\(algorithm.program) \(tag) a*", in: directory)

    let outcome = try await Millrace.shell("$MILLRACE hash --algorithm \(algorithm.option) \(tag) a*", in: directory)

    #expect(outcome.status == 0)
    #expect(outcome.outputText == expected.outputText)
  }

  /// CRC-32C: RFC 3720, B.4, and the check value of the CRC catalogue. XXH3: what xxHash's own program prints, with
  /// seed 0.
  @Test func algorithms_with_known_answers() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("123456789"), to: bytes("digits"))
    try directory.write([], to: bytes("empty"))
    try directory.write([UInt8](repeating: 0, count: 32), to: bytes("zeroes"))

    let crc = try await Millrace.run("hash", "--algorithm", "crc32c", "digits", "empty", "zeroes", in: directory)
    #expect(crc.outputText == "e3069283  digits\n00000000  empty\n8a9136aa  zeroes\n")

    let xxh3 = try await Millrace.run("hash", "--algorithm", "xxh3", "empty", in: directory)
    #expect(xxh3.outputText == "2d06800538d394c2  empty\n")
  }

  @Test func files_are_hashed_in_the_order_they_are_named() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try directory.write(bytes(name), to: bytes(name)) }
    let outcome = try await Millrace.run("hash", "b", "a", "./b", in: directory)
    #expect(outcome.outputLines.map { String(decoding: $0.dropFirst(66), as: UTF8.self) } == ["b", "a", "./b"])
  }

  @Test(.comparedWithSha256sum) func every_name_can_be_an_argument() async throws {
    let directory = try TemporaryDirectory()
    let names = hostileNames.filter { $0 != bytes("-") }
    for name in names { try directory.write(bytes("abc"), to: name) }
    let expected = try await ChildProcess(
      [bytes("/usr/bin/env"), bytes("sha256sum"), bytes("--")] + names, in: directory
    ).outcome()

    let outcome = try await Millrace.start([bytes("hash"), bytes("--")] + names, in: directory).outcome()

    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(outcome.outputLines == expected.outputLines)
  }

  @Test func links_are_followed_where_they_are_named_only() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory(bytes("tree"))
    try directory.write(bytes("abc"), to: bytes("tree/file"))
    try directory.link(bytes("tree/loop"), to: ".")
    try directory.link(bytes("tree/to-file"), to: "file")
    try directory.link(bytes("link"), to: "tree")

    let outcome = try await Millrace.run("hash", "link", "tree/to-file", in: directory)

    #expect(outcome.outputText == "\(abcDigits)  link/file\n\(abcDigits)  tree/to-file\n")
    #expect(outcome.status == 0)
  }
}
