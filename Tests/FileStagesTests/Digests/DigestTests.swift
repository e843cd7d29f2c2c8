import FileStages
import Testing

@Suite
struct DigestTests {
  @Test(arguments: DigestAlgorithm.allCases, SeededGenerator.seeds)
  func hexadecimal_reads_back_as_it_was_written(algorithm: DigestAlgorithm, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let digits = generator.bytes(count: algorithm.digestByteCount * 2, among: Array("0123456789abcdef".utf8))
    let text = String(decoding: digits, as: UTF8.self)

    let digest = try #require(Digest(algorithm, hexadecimal: digits))

    #expect(digest.algorithm == algorithm)
    #expect(digest.description == text)
    #expect(Digest(algorithm, hexadecimal: text.uppercased().utf8) == digest)
    #expect(Digest(algorithm, hexadecimal: digits.lazy.map { $0 }) == digest, "digits without contiguous storage")
    var output = Array("> ".utf8)
    digest.appendHexadecimal(to: &output)
    #expect(output == Array("> ".utf8) + digits)
  }

  @Test func bytes_are_in_the_order_of_the_digits() throws {
    let digest = try #require(Digest(.xxh3, hexadecimal: "00010f10807fAbFf".utf8))
    let bytes = digest.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    #expect(bytes == [0x00, 0x01, 0x0F, 0x10, 0x80, 0x7F, 0xAB, 0xFF])
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func any_other_number_of_digits_is_rejected(algorithm: DigestAlgorithm) {
    for count in 0...200 {
      let digest = Digest(algorithm, hexadecimal: [UInt8](repeating: UInt8(ascii: "0"), count: count))
      #expect((digest != nil) == (count == 2 * algorithm.digestByteCount), "\(count) digits")
    }
  }

  @Test func digests_of_equal_length_differ_by_algorithm() {
    let digits = [UInt8](repeating: UInt8(ascii: "0"), count: 32)
    #expect(Digest(.md5, hexadecimal: digits) != Digest(.xxh128, hexadecimal: digits))
  }

  @Test func each_byte_that_is_no_digit_is_rejected_in_each_place() {
    let digits = Set("0123456789abcdefABCDEF".utf8)
    for position in 0..<8 {
      for byte in UInt8.min ... .max {
        var text = Array("e3069283".utf8)
        text[position] = byte
        #expect((Digest(.crc32c, hexadecimal: text) != nil) == digits.contains(byte), "byte \(byte) at \(position)")
      }
    }
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func digests_differ_in_any_byte(algorithm: DigestAlgorithm) throws {
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: algorithm.digestByteCount * 2)
    var digests: Set = [try #require(Digest(algorithm, hexadecimal: zeros))]
    for position in zeros.indices {
      var digits = zeros
      digits[position] = UInt8(ascii: "1")
      digests.insert(try #require(Digest(algorithm, hexadecimal: digits)))
    }
    #expect(digests.count == zeros.count + 1)
    #expect(digests.contains(try #require(Digest(algorithm, hexadecimal: zeros))))
  }
}
