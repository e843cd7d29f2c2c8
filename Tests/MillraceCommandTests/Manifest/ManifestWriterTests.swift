import FileStages
import TestTurns
import Testing

@testable import MillraceCommand

@Suite(.inTurn) struct ManifestWriterTests {
  private let abc = Digest(.sha256, hexadecimal: abcDigits.utf8)!

  private func line(_ name: [UInt8], _ writer: ManifestWriter) -> [UInt8] {
    var output: [UInt8] = []
    writer.append(name: name, digest: abc, to: &output)
    return output
  }

  @Test func plain_line() {
    #expect(line(bytes("a b"), ManifestWriter()) == bytes("\(abcDigits)  a b\n"))
  }

  @Test func tagged_line() {
    #expect(line(bytes("a b"), ManifestWriter(isTagged: true)) == bytes("SHA256 (a b) = \(abcDigits)\n"))
  }

  @Test func escaped_lines() {
    let name = bytes("a\nb\rc\\d")
    #expect(line(name, ManifestWriter()) == bytes("\\\(abcDigits)  a\\nb\\rc\\\\d\n"))
    #expect(line(name, ManifestWriter(isTagged: true)) == bytes("\\SHA256 (a\\nb\\rc\\\\d) = \(abcDigits)\n"))
  }

  @Test(.comparedWithSha256sum, arguments: [("", false), ("--tag", true)])
  func prints_what_sha256sum_prints(option: String, isTagged: Bool) async throws {
    let directory = try TemporaryDirectory()
    // The program takes a lone "-" for standard input.
    let names = hostileNames.filter { $0 != bytes("-") }
    for name in names { try directory.write(bytes("abc"), to: name) }

    let outcome = try await directory.shell("sha256sum \(option) -- *")

    #expect(outcome.status == 0)
    let writer = ManifestWriter(isTagged: isTagged)
    let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(outcome.output == sorted.flatMap { line($0, writer) })
  }

  @Test(.comparedWithSha256sum, arguments: [false, true])
  func sha256sum_verifies_what_is_written(isTagged: Bool) async throws {
    let directory = try TemporaryDirectory()
    let names = hostileNames.filter { $0 != bytes("-") }
    for name in names { try directory.write(bytes("abc"), to: name) }
    let manifest = names.flatMap { line($0, ManifestWriter(isTagged: isTagged)) }
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
