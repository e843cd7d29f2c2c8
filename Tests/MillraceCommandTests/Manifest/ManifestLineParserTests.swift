import FileStages
import Testing

@testable import MillraceCommand

@Suite struct ManifestLineParserTests {
  private let digits = abcDigits

  private func entry(_ line: String, plainAlgorithm: DigestAlgorithm? = nil) throws -> ManifestEntry? {
    var parser = ManifestLineParser(plainAlgorithm: plainAlgorithm)
    return try parser.entry(in: bytes(line))
  }

  private func expected(_ name: String) throws -> ManifestEntry {
    ManifestEntry(name: bytes(name), digest: try digest(.sha256, digits))
  }

  private func digest(_ algorithm: DigestAlgorithm, _ digits: String) throws -> Digest {
    try #require(Digest(algorithm, hexadecimal: digits.utf8))
  }

  @Test func plain_forms() throws {
    #expect(try entry("\(digits)  name") == expected("name"))
    #expect(try entry("\(digits) *name") == expected("name"))
    #expect(try entry("\(digits)   name ") == expected(" name "))
    #expect(try entry("\(digits)\t name") == expected("name"))
    #expect(try entry(" \t\(digits)  name") == expected("name"))
    #expect(try entry("\(digits)  name\r") == expected("name"))
    #expect(try entry("\(digits)  name\r\r") == expected("name\r"))
  }

  @Test func escaped_forms() throws {
    #expect(try entry("\\\(digits)  a\\nb\\rc\\\\d") == expected("a\nb\rc\\d"))
    #expect(try entry("\\\(digits)  plain after all") == expected("plain after all"))
    #expect(try entry("\(digits)  a\\nb") == expected("a\\nb"))
    #expect(try entry("  \\SHA256 (a\\nb) = \(digits)") == expected("a\nb"))
  }

  @Test func tagged_forms() throws {
    #expect(try entry("SHA256 (name) = \(digits)") == expected("name"))
    #expect(try entry("SHA256(name)= \(digits)") == expected("name"))
    #expect(try entry("SHA256 (name)\t=\(digits)\r") == expected("name"))
    #expect(try entry("SHA256 (a) = b) = \(digits)") == expected("a) = b"))
    #expect(try entry("SHA256 () = \(digits)") == expected(""))
  }

  @Test func digits_may_be_of_either_case() throws {
    #expect(try entry("\(digits.uppercased())  name") == expected("name"))
    #expect(try entry("SHA256 (name) = \(digits.uppercased())") == expected("name"))
  }

  /// Each algorithm by its tag, and by its name on the command line; MD5 and XXH128 have digests of the same length.
  @Test(arguments: DigestAlgorithm.allCases.filter(\.isAvailable))
  func the_algorithm_is_told_by_a_tag_or_by_the_caller(algorithm: DigestAlgorithm) throws {
    let digits = String(repeating: "0f", count: algorithm.digestByteCount)
    let expected = ManifestEntry(name: bytes("name"), digest: try digest(algorithm, digits))
    for plainAlgorithm in [nil, .md5, .sha512] as [DigestAlgorithm?] {
      #expect(try entry("\(algorithm.tag) (name) = \(digits)", plainAlgorithm: plainAlgorithm) == expected)
    }
    #expect(try entry("\(digits)  name", plainAlgorithm: algorithm) == expected)
  }

  @Test func thirty_two_digits_are_an_MD5_where_nothing_else_is_said() throws {
    let digits = String(repeating: "0f", count: 16)
    #expect(try entry("\(digits)  name") == ManifestEntry(name: bytes("name"), digest: digest(.md5, digits)))
  }

  @Test(arguments: ["", "\r", "#", "# comment", "#\(abcDigits)  name"])
  func lines_that_say_nothing(line: String) throws {
    #expect(try entry(line) == nil)
  }

  @Test(
    arguments: [
      (" # comment", .noDigest), ("   ", .noDigest), ("name", .noDigest), ("(name) = \(abcDigits)", .noDigest),
      ("\\ \(abcDigits)  name", .noDigest),
      (abcDigits, .noSeparator), ("\(abcDigits)x  name", .noSeparator),
      ("\(abcDigits) ", .noName),
      ("\(abcDigits)0  name", .unknownLength(65)), ("abc  name", .unknownLength(3)),
      ("abcd  name", .unknownLength(4)), ("SHA256 (name) = ", .noDigest),
      ("SHA256 (name) = \(abcDigits)0", .wrongLength(65, .sha256)),
      ("MD5 (name) = \(abcDigits)", .wrongLength(64, .md5)),
      ("SHA7 (name) = \(abcDigits)", .unknownTag(bytes("SHA7"))),
      ("SHA512/256 (name) = \(abcDigits)", .unknownTag(bytes("SHA512/256"))),
      ("sha256 (name) = \(abcDigits)", .unknownTag(bytes("sha256"))),
      ("SHA256 (name) = \(abcDigits) ", .badTagForm), ("SHA256 (name) \(abcDigits)", .badTagForm),
      ("SHA256 (name = \(abcDigits)", .badTagForm), ("SHA256  (name) = \(abcDigits)", .noDigest),
      ("\\\(abcDigits)  a\\b", .badEscape), ("\\\(abcDigits)  a\\", .badEscape),
      ("\\SHA256 (a\\b) = \(abcDigits)", .badEscape),
    ] as [(String, ManifestLineError)])
  func improper_lines(line: String, error: ManifestLineError) {
    #expect(throws: error) { try entry(line) }
  }

  @Test func no_name_holds_a_nul() {
    #expect(throws: ManifestLineError.nulInName) { try entry("\(digits)  name\0") }
    #expect(throws: ManifestLineError.nulInName) { try entry("SHA256 (na\0me) = \(digits)") }
    #expect(throws: ManifestLineError.noSeparator) { try entry("\(digits)\0 name") }
  }

  @Test func a_plain_line_has_the_length_of_the_algorithm_that_the_caller_names() throws {
    #expect(try entry("\(digits)  name", plainAlgorithm: .sha256) == expected("name"))
    for algorithm in [.sha512, .xxh128] as [DigestAlgorithm] {
      #expect(throws: ManifestLineError.wrongLength(64, algorithm)) {
        try entry("\(digits)  name", plainAlgorithm: algorithm)
      }
    }
  }

  /// As in coreutils, a refused line does not decide on the separator.
  @Test func a_line_of_another_length_does_not_decide_on_the_separator() throws {
    var parser = ManifestLineParser(plainAlgorithm: .sha256)
    #expect(throws: ManifestLineError.wrongLength(8, .sha256)) { try parser.entry(in: bytes("00000000 name")) }
    #expect(try parser.entry(in: bytes("\(digits)  name")) == expected("name"))
  }

  @Test func one_space_when_the_first_line_has_one_space() throws {
    var parser = ManifestLineParser()
    #expect(try parser.entry(in: bytes("\(digits) name")) == expected("name"))
    #expect(try parser.entry(in: bytes("\(digits)  name")) == expected(" name"))
    #expect(try parser.entry(in: bytes("\(digits) *name")) == expected("*name"))
  }

  @Test func no_single_space_after_a_line_with_two() throws {
    var parser = ManifestLineParser()
    #expect(try parser.entry(in: bytes("\(digits)  name")) == expected("name"))
    #expect(throws: ManifestLineError.mixedSeparators) { try parser.entry(in: bytes("\(digits) name")) }
    #expect(throws: ManifestLineError.mixedSeparators) { try parser.entry(in: bytes("\(digits)  ")) }
    #expect(try parser.entry(in: bytes("\(digits)  x")) == expected("x"))
  }

  @Test(arguments: DigestAlgorithm.allCases.filter(\.isAvailable), [false, true])
  func every_line_written_is_read_back(algorithm: DigestAlgorithm, isTagged: Bool) throws {
    let seed = Seed()
    var random = seed.generator()
    let alphabet = bytes("\n\r\\nr ()=*#-a") + [0xFF]
    let names = hostileNames + (0..<500).map { _ in random.bytes(count: 1...12, from: alphabet) }
    let writer = ManifestWriter(isTagged: isTagged)
    var parser = ManifestLineParser(plainAlgorithm: algorithm)
    for name in names {
      let count = 2 * algorithm.digestByteCount
      let digits = String(decoding: random.bytes(count: count...count, from: bytes("0123456789abcdef")), as: UTF8.self)
      let written = ManifestEntry(name: name, digest: try digest(algorithm, digits))
      var line: [UInt8] = []
      writer.append(name: name, digest: written.digest, to: &line)
      #expect(line.removeLast() == UInt8(ascii: "\n"))
      #expect(try parser.entry(in: line) == written, "\(seed)")
    }
  }
}
