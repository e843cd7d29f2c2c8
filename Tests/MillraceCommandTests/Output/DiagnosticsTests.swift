import Testing

@testable import MillraceCommand

@Suite struct DiagnosticsTests {
  private func line(_ path: [UInt8], _ operation: String?, _ message: String) -> String {
    var output: [UInt8] = []
    DiagnosticLine.append(path: path, operation: operation, message: message, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test func parts_are_joined_by_colons() {
    #expect(line(bytes("a/b"), "open", "Permission denied") == "millrace: a/b: open: Permission denied\n")
    #expect(line(bytes("list"), nil, "not a manifest") == "millrace: list: not a manifest\n")
    var output: [UInt8] = []
    DiagnosticLine.append(message: "2 files failed", to: &output)
    #expect(output == bytes("millrace: 2 files failed\n"))
  }

  @Test func a_name_forges_no_line_and_no_part() {
    #expect(line(bytes("a\nmillrace: b"), "open", "x") == "millrace: $'a\\nmillrace: b': open: x\n")
    #expect(line(bytes("a: open: y"), "read", "x") == "millrace: 'a: open: y': read: x\n")
  }

  @Test func a_message_stays_on_its_line() {
    #expect(line(bytes("a"), "open", "one\ntwo\u{1B}[m é") == "millrace: a: open: one\\012two\\033[m é\n")
  }
}
