import Testing

@testable import MillraceCommand

@Suite struct NameEscapingTests {
  private func escaped(_ name: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    NameEscaping.append(name, to: &output)
    return output
  }

  private func statusName(_ name: String) -> [UInt8] {
    var output: [UInt8] = []
    NameEscaping.appendStatusName(bytes(name), to: &output)
    return output
  }

  @Test func escapes_three_bytes_and_no_other() {
    for byte in UInt8.min...UInt8.max {
      let special: [UInt8: String] = [0x0A: "\\n", 0x0D: "\\r", 0x5C: "\\\\"]
      #expect(escaped([byte]) == special[byte].map(bytes) ?? [byte])
      #expect(NameEscaping.isNeeded(for: [byte]) == (special[byte] != nil))
    }
  }

  @Test func status_names_are_escaped_for_a_newline_only() {
    #expect(statusName("a\\b\rc") == bytes("a\\b\rc"))
    #expect(statusName("a\nb\\c\rd") == bytes("\\a\\nb\\\\c\\rd"))
  }

  @Test func unescape_refuses_what_escape_never_writes() {
    for letter in UInt8.min...UInt8.max where !bytes("nr\\").contains(letter) {
      #expect(NameEscaping.unescape([0x5C, letter]) == nil)
    }
    #expect(NameEscaping.unescape([0x5C]) == nil)
    #expect(NameEscaping.unescape(bytes("a\\\\\\")[...]) == nil)
  }

  @Test func unescape_undoes_escape() {
    let seed = Seed()
    var random = seed.generator()
    let alphabet = bytes("\n\r\\nra") + [0xFF, 0x00]
    for _ in 0..<2000 {
      let name = random.bytes(count: 0...12, from: alphabet)
      #expect(NameEscaping.unescape(escaped(name)[...]) == name, "\(seed)")
    }
  }
}
