import FileStages
import TestTurns
import Testing

/// Manifests of other programs: `sha384sum` and its sisters (coreutils 9.1), and `xxhsum` (xxHash 0.8.1).
@Suite(.inTurn) struct ChecksumProgramTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["a", "b c"] { try directory.write(bytes("abc"), to: bytes(name)) }
    return directory
  }

  @Test(
    arguments: ["md5sum", "sha1sum", "sha256sum", "sha384sum", "sha512sum"], ["", "--tag"])
  func coreutils(program: String, tag: String) async throws {
    let directory = try directory()
    let theirs = try await Millrace.shell("\(program) \(tag) a 'b c' | $MILLRACE hash --check -", in: directory)
    #expect(theirs.outputText == "a: OK\nb c: OK\n" && theirs.errorText == "")

    let algorithm = program.dropLast(3)
    let ours = try await Millrace.shell(
      "$MILLRACE hash --algorithm \(algorithm) \(tag) a 'b c' | \(program) --check --strict -", in: directory)
    #expect(ours.outputText == "a: OK\nb c: OK\n" && ours.errorText == "")
  }

  /// What `xxhsum -H2`, `-H2 --tag` and `-H3` print of two files of `abc`. (`-H3` has the tagged form only.)
  private static let xxhsumManifests: [(option: String, check: String, text: String)] = [
    ("-H2", "--algorithm xxh128", "06b05ab6733a618578af5f94892f3950  a\n06b05ab6733a618578af5f94892f3950  b c\n"),
    (
      "-H2 --tag", "",
      "XXH128 (a) = 06b05ab6733a618578af5f94892f3950\nXXH128 (b c) = 06b05ab6733a618578af5f94892f3950\n"
    ),
    ("-H3", "", "XXH3 (a) = 78af5f94892f3950\nXXH3 (b c) = 78af5f94892f3950\n"),
  ]

  @Test(.enabled(if: DigestAlgorithm.xxh128.isAvailable, "compiled without libxxhash"), arguments: xxhsumManifests)
  func manifests_of_xxhsum_verify(option: String, check: String, text: String) async throws {
    let directory = try directory()
    try directory.write(bytes(text), to: bytes("m"))
    let outcome = try await Millrace.shell("$MILLRACE hash --check \(check) m", in: directory)
    #expect(outcome.outputText == "a: OK\nb c: OK\n" && outcome.errorText == "")
  }

  @Test(
    .enabled("needs xxhsum and libxxhash") {
      let found = try await TemporaryDirectory().shell("xxhsum --version")
      return DigestAlgorithm.xxh128.isAvailable && found.status == 0
    },
    arguments: xxhsumManifests)
  func manifests_go_both_ways_with_xxhsum(option: String, check: String, text: String) async throws {
    let directory = try directory()
    let theirs = try await directory.shell("xxhsum \(option) a 'b c'")
    #expect(String(decoding: theirs.output, as: UTF8.self) == text)

    let algorithm = option.hasPrefix("-H2") ? "xxh128" : "xxh3"
    let tag = option == "-H2" ? "" : "--tag"
    let ours = try await Millrace.shell(
      "$MILLRACE hash --algorithm \(algorithm) \(tag) a 'b c' | tee m && xxhsum --check m", in: directory)
    #expect(ours.outputText == text + "a: OK\nb c: OK\n")
    #expect(ours.status == 0)
  }

  @Test func algorithms_of_equal_length_in_one_manifest() async throws {
    let outcome = try await Millrace.shell(
      """
      { $MILLRACE hash --algorithm xxh128 --tag a; md5sum 'b c'; md5sum --tag a; $MILLRACE hash a; } \
      | $MILLRACE hash --check -
      """, in: directory())
    #expect(outcome.outputText == "a: OK\nb c: OK\na: OK\na: OK\n" && outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test func an_unknown_tag_costs_one_line_with_its_cause() async throws {
    let directory = try directory()
    try directory.write(
      bytes("SHA512/256 (a) = \(abcDigits)\nXXH64 (a) = 44bc2cf5ad770999\n\(abcDigits)  a\nMD5 (a) = \(abcDigits)\n"),
      to: bytes("m"))
    let outcome = try await Millrace.run("hash", "--check", "m", in: directory)
    #expect(outcome.outputText == "a: OK\n")
    #expect(
      outcome.errorLines == [
        "millrace: m: line 1: unknown algorithm SHA512/256", "millrace: m: line 2: unknown algorithm XXH64",
        "millrace: m: line 4: checksum of 64 hexadecimal digits, and MD5 has 32",
        "millrace: WARNING: 3 lines are improperly formatted",
      ])
    #expect(outcome.status == 1)
  }
}
