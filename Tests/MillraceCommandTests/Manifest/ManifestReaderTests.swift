import Testing

@testable import MillraceCommand

@Suite struct ManifestReaderTests {
  private let digits = abcDigits

  private func entry(_ line: String, hexDigitCount: Int? = nil) throws -> ManifestEntry? {
    var reader = ManifestReader(hexDigitCount: hexDigitCount)
    return try reader.entry(in: bytes(line))
  }

  private func expected(_ name: String, tag: String? = nil) -> ManifestEntry {
    ManifestEntry(name: bytes(name), hexDigits: bytes(digits), tag: tag.map(bytes))
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
    #expect(try entry("  \\SHA256 (a\\nb) = \(digits)") == expected("a\nb", tag: "SHA256"))
  }

  @Test func tagged_forms() throws {
    #expect(try entry("SHA256 (name) = \(digits)") == expected("name", tag: "SHA256"))
    #expect(try entry("SHA2-256(name)= \(digits)") == expected("name", tag: "SHA2-256"))
    #expect(try entry("SHA512/256 (name)\t=\(digits)\r") == expected("name", tag: "SHA512/256"))
    #expect(try entry("BLAKE2b-256 (a) = b) = \(digits)") == expected("a) = b", tag: "BLAKE2b-256"))
    #expect(try entry("SHA256 () = \(digits)") == expected("", tag: "SHA256"))
  }

  @Test func digits_keep_their_case_and_give_the_same_digest() throws {
    let upper = try #require(try entry("\(digits.uppercased())  name"))
    #expect(upper.hexDigits == bytes(digits.uppercased()))
    #expect(upper.digest == Hexadecimal.decode(bytes(digits)[...]))
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
      ("\(abcDigits)0  name", .digestLength(65)), ("abc  name", .digestLength(3)), ("abcd  name", .digestLength(4)),
      ("SHA256 (name) = \(abcDigits)0", .digestLength(65)), ("SHA256 (name) = ", .noDigest),
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

  @Test func a_known_digest_length_is_required() throws {
    #expect(try entry("\(digits)  name", hexDigitCount: 64) != nil)
    #expect(throws: ManifestLineError.digestLength(64)) { try entry("\(digits)  name", hexDigitCount: 128) }
    #expect(throws: ManifestLineError.digestLength(64)) { try entry("SHA1 (name) = \(digits)", hexDigitCount: 40) }
  }

  @Test func one_space_when_the_first_line_has_one_space() throws {
    var reader = ManifestReader()
    #expect(try reader.entry(in: bytes("\(digits) name")) == expected("name"))
    #expect(try reader.entry(in: bytes("\(digits)  name")) == expected(" name"))
    #expect(try reader.entry(in: bytes("\(digits) *name")) == expected("*name"))
  }

  @Test func no_single_space_after_a_line_with_two() throws {
    var reader = ManifestReader()
    #expect(try reader.entry(in: bytes("\(digits)  name")) == expected("name"))
    #expect(throws: ManifestLineError.mixedSeparators) { try reader.entry(in: bytes("\(digits) name")) }
    #expect(throws: ManifestLineError.mixedSeparators) { try reader.entry(in: bytes("\(digits)  ")) }
    #expect(try reader.entry(in: bytes("\(digits)  x")) == expected("x"))
  }

  @Test(arguments: [nil, "SHA256", "BLAKE2b-256"] as [String?], [.newline, .nul] as [RecordTerminator])
  func every_line_written_is_read_back(tag: String?, terminator: RecordTerminator) throws {
    let seed = Seed()
    var random = seed.generator()
    let alphabet = bytes("\n\r\\nr ()=*#-a") + [0xFF]
    let names = hostileNames + (0..<500).map { _ in random.bytes(count: 1...12, from: alphabet) }
    let writer = ManifestWriter(tag: tag, terminator: terminator)
    var reader = ManifestReader(terminator: terminator)
    for name in names {
      let digest = random.bytes(count: 32...32)
      var line: [UInt8] = []
      writer.append(name: name, digest: digest, to: &line)
      #expect(line.removeLast() == terminator.rawValue)
      let entry = try reader.entry(in: line)
      #expect(entry?.name == name, "\(seed)")
      #expect(entry?.digest == digest, "\(seed)")
      #expect(entry?.tag == tag.map(bytes), "\(seed)")
    }
  }
}
