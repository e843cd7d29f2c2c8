import TestTurns
import Testing

@testable import MillraceCommand

/// The writer's line for a file that contains "abc".
private func line(_ name: [UInt8], _ writer: ManifestWriter) -> [UInt8] {
  var output: [UInt8] = []
  writer.append(name: name, digest: Hexadecimal.decode(bytes(abcDigits)[...])!, to: &output)
  return output
}

@Suite struct ManifestWriterTests {
  @Test func plain_line() {
    #expect(line(bytes("a b"), ManifestWriter()) == bytes("\(abcDigits)  a b\n"))
  }

  @Test func tagged_line() {
    #expect(line(bytes("a b"), ManifestWriter(tag: "SHA256")) == bytes("SHA256 (a b) = \(abcDigits)\n"))
  }

  @Test func escaped_lines() {
    let name = bytes("a\nb\rc\\d")
    #expect(line(name, ManifestWriter()) == bytes("\\\(abcDigits)  a\\nb\\rc\\\\d\n"))
    #expect(line(name, ManifestWriter(tag: "SHA256")) == bytes("\\SHA256 (a\\nb\\rc\\\\d) = \(abcDigits)\n"))
  }

  @Test func nul_ended_lines_are_not_escaped() {
    let name = bytes("a\nb\\")
    #expect(line(name, ManifestWriter(terminator: .nul)) == bytes("\(abcDigits)  a\nb\\\0"))
    #expect(
      line(name, ManifestWriter(tag: "SHA256", terminator: .nul)) == bytes("SHA256 (a\nb\\) = \(abcDigits)\0"))
  }
}

/// What `sha256sum` writes and reads.
@Suite(.inTurn, .comparedWithSha256sum) struct ManifestWriterComparison {
  @Test(
    arguments: [
      ("", nil, .newline), ("--tag", "SHA256", .newline), ("--zero", nil, .nul), ("--zero --tag", "SHA256", .nul),
    ] as [(String, String?, RecordTerminator)])
  func prints_what_sha256sum_prints(option: String, tag: String?, terminator: RecordTerminator) async throws {
    let directory = try TemporaryDirectory()
    // The program takes a lone "-" for standard input.
    let names = hostileNames.filter { $0 != bytes("-") }
    for name in names { try directory.write(bytes("abc"), to: name) }

    let outcome = try await directory.shell("sha256sum \(option) -- *")

    #expect(outcome.status == 0)
    let writer = ManifestWriter(tag: tag, terminator: terminator)
    let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(outcome.output == sorted.flatMap { line($0, writer) })
  }

  @Test(arguments: [nil, "SHA256"])
  func sha256sum_verifies_what_is_written(tag: String?) async throws {
    let directory = try TemporaryDirectory()
    let names = hostileNames.filter { $0 != bytes("-") }
    for name in names { try directory.write(bytes("abc"), to: name) }
    let manifest = names.flatMap { line($0, ManifestWriter(tag: tag)) }
    try directory.write(manifest, to: bytes("the manifest"))

    let outcome = try await directory.shell("sha256sum --check --strict 'the manifest'")

    var expected: [UInt8] = []
    for name in names {
      NameEscaping.appendStatusName(name, to: &expected)
      expected += bytes(": OK\n")
    }
    #expect(outcome.status == 0)
    #expect(outcome.output == expected)
    #expect(outcome.errors == [])
  }
}
