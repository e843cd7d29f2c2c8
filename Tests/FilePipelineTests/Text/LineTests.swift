import FilePipeline
import Testing

@Suite struct LineTests {
  @Test func searches_and_prefixes() throws {
    let seen = try LineReduction(into: [[Bool]]()) { seen, line in
      seen.append([
        line.contains("b"), line.contains("bc"), line.contains(""), line.contains([0]), line.contains("abcd"),
        line.hasPrefix("ab"), line.hasPrefix(""), line.hasPrefix([97, 98, 99, 100]), line.isEmpty,
      ])
    }.reduce("abc\n\n\0".utf8)
    #expect(
      seen == [
        [true, true, true, false, false, true, true, false, false],
        [false, false, true, false, false, false, true, false, true],
        [false, false, true, true, false, false, true, false, false],
      ])
  }

  @Test func text_is_repaired() throws {
    let texts = try LineReduction(into: [String]()) { $0.append($1.text) }.reduce([0xC3, 0xA4, 10, 0xC3, 10])
    #expect(texts == ["ä", "\u{FFFD}"])
  }

  @Test(arguments: ["", ",", "a", "a,", ",a", "a,b,c", ",,", "a,,b"])
  func fields_are_those_of_split(_ text: String) throws {
    let expected = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let lines = try LineReduction(into: [[String]]()) { lines, line in
      var (texts, fields) = ([String](), line.fields(separatedBy: UInt8(ascii: ",")))
      while let field = fields.next() { texts.append(field.text) }
      if fields.next() != nil { Issue.record("a field after the last") }
      for index in 0...texts.count {
        let field = line.field(at: index, separatedBy: UInt8(ascii: ","))?.text
        if field != (index < texts.count ? texts[index] : nil) { Issue.record("field \(index) of \(texts)") }
      }
      lines.append(texts)
    }.reduce((text + "\n").utf8)
    #expect(lines == [expected])
  }

  @Test(arguments: [
    "0", "7", "-7", "+7", "007", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "-9223372036854775809", "99999999999999999999", "", "-", "+", "1 ", " 1", "1.5", "x", "--1", "1e3",
  ])
  func integers_are_those_of_the_standard_library(_ text: String) throws {
    let values = try LineReduction(into: [Int?]()) { values, line in
      values.append(line.field(at: 0, separatedBy: 0)?.integer)
    }.reduce((text + "\n").utf8)
    #expect(values == [Int(text)])
  }

  @Test func decimals() throws {
    let values = try LineReduction(into: [Double?]()) { values, line in
      values.append(line.field(at: 0, separatedBy: 0)?.decimal)
    }.reduce("1.5\n-2e3\n\nx\n".utf8)
    #expect(values == [1.5, -2000, nil, nil])
  }
}
