import CDigests
import Testing

@Suite
struct CRC32CTests {
  private static let instructions: Comment = "the processor has no CRC-32C instructions"

  @Test func the_tables_give_the_standard_check_value() {
    let digits = Array("123456789".utf8)
    #expect(cdigests_crc32c_portable(0, digits, digits.count) == 0xE306_9283)
  }

  @Test func the_tables_go_on_from_any_cut() {
    let bytes = sampleBytes(100)
    let whole = cdigests_crc32c_portable(0, bytes, bytes.count)
    for cut in 0...bytes.count {
      let start = cdigests_crc32c_portable(0, bytes, cut)
      let end = Array(bytes[cut...])
      #expect(cdigests_crc32c_portable(start, end, end.count) == whole, "cut at \(cut)")
    }
  }

  @Test(.enabled(if: cdigests_crc32c_is_accelerated(), instructions), arguments: SeededGenerator.seeds)
  func the_instructions_agree_with_the_tables(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = generator.bytes(count: 5000)
    bytes.withUnsafeBytes { bytes in
      for round in 0..<1000 {
        // Half of the lengths are short, where the trailing bytes are most of the input.
        let count = Int.random(in: 0...(round % 2 == 0 ? 40 : 4900), using: &generator)
        let offset = Int.random(in: 0...100, using: &generator)
        let before = UInt32.random(in: .min ... .max, using: &generator)
        let start = bytes.baseAddress! + offset
        #expect(
          cdigests_crc32c(before, start, count) == cdigests_crc32c_portable(before, start, count),
          "seed \(seed): \(count) bytes at \(offset) after \(before)"
        )
      }
    }
  }
}
