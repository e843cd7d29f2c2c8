import FileStages
import Testing

@Suite
struct DigestAlgorithmTests {
  @Test func namesAreThoseOfTheCommandLine() {
    #expect(DigestAlgorithm.allCases.map(\.rawValue) == ["sha256", "sha512", "sha1", "md5", "crc32c", "xxh3"])
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func tagNamesItsAlgorithm(algorithm: DigestAlgorithm) {
    #expect(algorithm.tag == algorithm.rawValue.uppercased())
    #expect(DigestAlgorithm(tag: algorithm.tag) == algorithm)
  }

  @Test(arguments: ["", "sha256", "SHA-256", "SHA256 ", "SHA384"])
  func tagOfNoAlgorithmIsRejected(tag: String) {
    #expect(DigestAlgorithm(tag: tag) == nil)
  }

  @Test func numberOfDigitsNamesTheAlgorithm() {
    let named = (0...200).compactMap { count in
      DigestAlgorithm(hexadecimalDigitCount: count).map { [$0.rawValue: count] }
    }
    #expect(named == [["crc32c": 8], ["xxh3": 16], ["md5": 32], ["sha1": 40], ["sha256": 64], ["sha512": 128]])
  }

  @Test func onlyXXH3MayBeMissing() {
    #expect(DigestAlgorithm.allCases.filter { !$0.isAvailable && $0 != .xxh3 }.isEmpty)
  }
}
