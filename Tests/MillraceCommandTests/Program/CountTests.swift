import TestTurns
import Testing

@Suite(.inTurn) struct CountTests {
  private func fields(_ line: [UInt8]) -> [String] {
    String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
  }

  /// Visible characters: wc does not count other characters alone as words.
  private func prose(_ size: Int) -> [UInt8] {
    SampleTree.content(size).map { $0 < 32 ? UInt8(ascii: "\n") : $0 < 127 ? $0 : UInt8(ascii: " ") }
  }

  @Test(arguments: everyEngine)
  func counts_are_those_of_wc(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    let texts = ["", "\n", "word", "two words\n", "a\tb\u{0B}c\u{0C}d\re\n\n", "größer als\u{A0}das\n"]
    for (index, text) in texts.enumerated() { try directory.write(bytes(text), to: bytes("text\(index)")) }
    for size in [131_071, 131_072, 300_000] { try directory.write(prose(size), to: bytes("size\(size)")) }
    let expected = try await Millrace.shell("wc -lwc s* t*", in: directory)

    let outcome = try await Millrace.shell("$MILLRACE count --engine \(engine) s* t*", in: directory)

    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(outcome.outputLines.map(fields) == expected.outputLines.map(fields))
  }

  @Test func one_file_has_no_total() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("one\n"), to: bytes("a"))
    let outcome = try await Millrace.run("count", "a", in: directory)
    #expect(outcome.outputText == "       1       1       4 a\n")
  }

  @Test func as_json() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("one\n"), to: bytes("a"))
    try directory.write(bytes("two three"), to: bytes("b"))
    let objects = try jsonObjects(try await Millrace.run("count", "--json", ".", in: directory).output)
    try #require(objects.map { $0["type"] as? String } == ["file", "file", "total", "summary"])
    #expect(objects.map { $0["words"] as? Int } == [1, 2, 3, nil])
    #expect(objects[3]["bytes"] as? Int == 13)
  }
}
