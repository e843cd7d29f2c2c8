import FileStages
import Testing

@Suite
struct CountReducerTests {
  private static let whiteSpace: [UInt8] = [32, 9, 10, 11, 12, 13]

  @Test(arguments: [
    ("", ByteCounts(lines: 0, words: 0, bytes: 0)),
    ("one", ByteCounts(lines: 0, words: 1, bytes: 3)),
    ("one\n", ByteCounts(lines: 1, words: 1, bytes: 4)),
    (" \t\n\u{B}\u{C}\r", ByteCounts(lines: 1, words: 0, bytes: 6)),
    ("one two\r\n  three\n\n", ByteCounts(lines: 3, words: 3, bytes: 18)),
    ("na\u{EF}ve caf\u{E9}s", ByteCounts(lines: 0, words: 2, bytes: 13)),
    ("no\u{A0}break\u{0}here", ByteCounts(lines: 0, words: 1, bytes: 14)),
  ])
  func counts_what_wc_counts(text: String, expected: ByteCounts) {
    #expect(CountReducer().reduce(Array(text.utf8)) == expected)
  }

  @Test func every_pair_of_bytes() {
    var wrong: [[UInt8]] = []
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max {
        let pair = [first, second]
        let expected = plainCounts(pair)
        if CountReducer().reduce(pair) != expected || CountReducer().reduce(pair, cutAt: [1]) != expected {
          wrong.append(pair)
        }
      }
    }
    #expect(wrong == [])
  }

  /// The counters of a block are one byte wide: these inputs reach their largest values.
  @Test(arguments: ["\n", " ", "a", " a", "a\n"])
  func every_length_of_the_same_pattern(pattern: String) {
    for count in 0...600 {
      let bytes = Array(String(repeating: pattern, count: count).utf8.prefix(count))
      #expect(CountReducer().reduce(bytes) == plainCounts(bytes), "\(count) bytes")
    }
  }

  @Test func every_cut_in_two_gives_the_same_counts() {
    var generator = SeededGenerator(seed: 0)
    let bytes = generator.bytes(count: 600, among: Self.whiteSpace + Array("abcdef".utf8))
    let whole = plainCounts(bytes)
    for cut in 0...bytes.count {
      #expect(CountReducer().reduce(bytes, cutAt: [cut]) == whole, "cut at \(cut)")
    }
  }

  @Test(
    arguments: SeededGenerator.seeds,
    [Array(0...255), Array(7...15) + Array(30...34), whiteSpace + Array("abcdef".utf8)]
  )
  func any_bytes_in_any_pieces(seed: UInt64, choices: [UInt8]) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<30 {
      let bytes = generator.bytes(count: Int.random(in: 0...1500, using: &generator), among: choices)
      let cuts = generator.cuts(of: bytes.count, limit: 30)
      #expect(CountReducer().reduce(bytes, cutAt: cuts) == plainCounts(bytes), "seed \(seed), cuts at \(cuts)")
    }
  }

  @Test func copies_in_midstream_go_their_own_ways() {
    var first = CountReducer()
    first.update(Array("in a wo".utf8))
    var second = first
    first.update(Array("rd\n".utf8))
    second.update(Array(" two".utf8))
    #expect(first.finish() == ByteCounts(lines: 1, words: 3, bytes: 10))
    #expect(second.finish() == ByteCounts(lines: 0, words: 4, bytes: 11))
  }

  @Test func counts_of_several_files_add() {
    var total = ByteCounts(lines: 1, words: 2, bytes: 3) + ByteCounts(lines: 10, words: 20, bytes: 30)
    total += ByteCounts(lines: 100, words: 200, bytes: 300)
    #expect(total == ByteCounts(lines: 111, words: 222, bytes: 333))
  }

  /// The definition, byte by byte.
  private func plainCounts(_ bytes: [UInt8]) -> ByteCounts {
    var counts = ByteCounts(bytes: bytes.count)
    var isInWord = false
    for byte in bytes {
      if byte == 10 { counts.lines += 1 }
      let isOfWord = !Self.whiteSpace.contains(byte)
      if isOfWord && !isInWord { counts.words += 1 }
      isInWord = isOfWord
    }
    return counts
  }
}
