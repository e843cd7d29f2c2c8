import TestTurns
import Testing

@testable import MillraceCommand

@Suite struct QuotedNameTests {
  @Test(arguments: [
    "plain", "a b", "a'b", "a\\b", "a:b", "a\"b", "$HOME", "-", "é", "日本", "e\u{301}", "\u{E000}", "*", "a  b", "12:30",
  ])
  func most_names_stand_as_they_are(name: String) {
    #expect(QuotedName.text(bytes(name)) == name)
  }

  @Test(arguments: ["", " a", "a ", "a: open", "a:", "a\\ ", ": "])
  func names_that_could_be_misread_are_quoted(name: String) {
    #expect(QuotedName.text(bytes(name)) == "'\(name)'")
  }

  @Test(
    arguments: [
      ("a\nb", "$'a\\nb'"), ("a\r", "$'a\\r'"), ("\t", "$'\\t'"), ("\u{1B}[31m", "$'\\033[31m'"),
      ("\u{7F}", "$'\\177'"), ("\u{85}", "$'\\302\\205'"), ("\u{202E}gpj.exe", "$'\\342\\200\\256gpj.exe'"),
      ("\u{2028}", "$'\\342\\200\\250'"), ("\u{1}1", "$'\\0011'"), ("it's\\\n", "$'it\\'s\\\\\\n'"),
      ("'a'", "$'\\'a\\''"), ("$'a'", "$'$\\'a\\''"), (" 'a", "$' \\'a'"),
    ] as [(String, String)])
  func names_with_invisible_characters_are_escaped(name: String, quoted: String) {
    #expect(QuotedName.text(bytes(name)) == quoted)
  }

  @Test func bytes_that_are_not_text_are_escaped() {
    #expect(QuotedName.text([0xFF]) == "$'\\377'")
    #expect(QuotedName.text([0xC3, 0xA9, 0xC3]) == "$'é\\303'")
  }

  @Test func no_two_names_look_the_same() {
    let seed = Seed()
    var random = seed.generator()
    let alphabet = bytes("$'\\n03: \n") + [0xFF]
    var names: [String: [UInt8]] = [:]
    for _ in 0..<20_000 {
      let name = random.bytes(count: 0...6, from: alphabet)
      let text = QuotedName.text(name)
      #expect(names[text, default: name] == name, "\(text) \(seed)")
      names[text] = name
    }
  }

  @Test func random_names_take_one_line_of_visible_text() {
    let seed = Seed()
    var random = seed.generator()
    for name in hostileNames + (0..<2000).map({ _ in random.bytes(count: 0...16) }) {
      var output: [UInt8] = []
      QuotedName.append(name, to: &output)
      let text = String(validating: output, as: UTF8.self)
      #expect(text != nil, "\(seed)")
      #expect(output.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(seed)")
    }
  }
}

@Suite(.inTurn) struct QuotedNameShellTests {
  /// `$'…'` is not in every /bin/sh, so this asks bash.
  @Test(.enabled("needs bash") { try await TemporaryDirectory().shell("command -v bash").status == 0 })
  func a_shell_reads_escaped_names_back() async throws {
    let names = hostileNames.filter { QuotedName.text($0).hasPrefix("$'") }
    #expect(names.count > 10)
    let directory = try TemporaryDirectory()
    let script = "printf '%s\\0' " + names.map(QuotedName.text).joined(separator: " ") + "\n"
    try directory.write(bytes(script), to: bytes("script"))
    #expect(try await directory.shell("bash script").output == names.flatMap { $0 + [0] })
  }
}
