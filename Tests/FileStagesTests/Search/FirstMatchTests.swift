import FileStages
import Testing

@Suite struct FirstMatchTests {
  @Test(arguments: [[97], [97, 97], [97, 98], [97, 98, 97], [13], [0, 97]] as [[UInt8]])
  func every_short_text_in_every_cutting(_ wanted: [UInt8]) {
    for text in everyText(of: [0, 97, 98, 10, 13].filter { wanted.contains($0) || $0 != 98 }, longest: 6) {
      let expected = plainMatch(of: wanted, in: text)
      for bits in 0..<1 << max(0, text.count - 1) {
        let cuts = (1..<max(1, text.count)).filter { bits >> ($0 - 1) & 1 == 1 }
        let match = FirstMatch(bytes: wanted).reduce(text, cutAt: cuts)
        if match != expected { Issue.record("\(wanted) in \(text) cut at \(cuts): \(String(describing: match))") }
      }
    }
  }

  @Test(arguments: SeededGenerator.seeds)
  func long_texts_in_any_pieces(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let text = random.bytes(count: .random(in: 0...3000, using: &random), among: Array("eeeeeerrrooo \r\n\n\0".utf8))
      for wanted in ["error", "oeroe", "e\0r", "rrrrrr", "e\r"] {
        let match = FirstMatch(wanted).reduce(text, cutAt: random.cuts(of: text.count, limit: 20))
        #expect(match == plainMatch(of: Array(wanted.utf8), in: text))
      }
    }
  }

  @Test func it_has_enough_at_the_end_of_the_line() {
    var search = FirstMatch("ERROR")
    for (piece, isEnough) in [("a\nER", false), ("ROR in", false), (" line two\r", false), ("\nERROR", true)] {
      search.update(Array(piece.utf8))
      #expect(search.hasEnough == isEnough)
    }
    let match = search.finish()
    #expect(match?.line == 2 && match?.offset == 2 && match?.column == 0)
    #expect(match?.text == "ERROR in line two" && match?.isLineCut == false)
  }

  @Test(arguments: -3...3, ["", "\n", "\r\n", "\r"])
  func a_long_line_is_cut(_ excess: Int, _ end: String) {
    let content = Array("x\nERROR".utf8) + [UInt8](repeating: 97, count: FirstMatch.lineLimit - 5 + excess)
    let text = content + Array(end.utf8)
    let line = Array((end == "\r" ? text : content)[2...])
    for cut in [0, 4, 8, text.count - 3, text.count - 2, text.count - 1, text.count] {
      let match = FirstMatch("ERROR").reduce(text, cutAt: [cut])
      #expect(match?.bytes == Array(line.prefix(FirstMatch.lineLimit)), "\(excess), \(cut)")
      #expect(match?.isLineCut == (line.count > FirstMatch.lineLimit), "\(excess), \(cut)")
    }
  }

  @Test func a_match_behind_the_kept_beginning_of_its_line_is_found() {
    let before = [UInt8](repeating: 97, count: 3 * FirstMatch.lineLimit)
    let text = Array("first\n".utf8) + before + Array("ERROR\nlast\n".utf8)
    for cut in [0, 100, 100_000, before.count + 8, text.count - 1] {
      let match = FirstMatch("ERROR").reduce(text, cutAt: [cut])
      #expect(match?.line == 2 && match?.column == before.count && match?.offset == Int64(before.count + 6))
      #expect(match?.bytes.count == FirstMatch.lineLimit && match?.isLineCut == true)
    }
  }
}

/// The match, by the definition.
private func plainMatch(of wanted: [UInt8], in text: [UInt8]) -> FirstMatch.Match? {
  guard let offset = text.indices.first(where: { text[$0...].starts(with: wanted) }) else { return nil }
  let start = text[..<offset].lastIndex(of: 10).map { $0 + 1 } ?? 0
  let end = text[offset...].firstIndex(of: 10) ?? text.count
  var line = Array(text[start..<end])
  if end < text.count && line.last == 13 { line.removeLast() }
  return FirstMatch.Match(
    line: text[..<offset].count { $0 == 10 } + 1, offset: Int64(offset), column: offset - start, bytes: line,
    isLineCut: false)
}

private func everyText(of alphabet: [UInt8], longest: Int) -> [[UInt8]] {
  var (texts, last) = ([[]] as [[UInt8]], [[]] as [[UInt8]])
  for _ in 0..<longest {
    last = last.flatMap { text in alphabet.map { text + [$0] } }
    texts += last
  }
  return texts
}
