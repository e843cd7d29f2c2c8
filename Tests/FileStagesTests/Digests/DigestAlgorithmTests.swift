import FileStages
import Testing

@Suite
struct DigestAlgorithmTests {
  @Test func names_are_those_of_the_command_line() {
    #expect(
      DigestAlgorithm.allCases.map(\.rawValue)
        == ["sha256", "sha384", "sha512", "sha1", "md5", "crc32c", "xxh3", "xxh128"])
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func tag_names_its_algorithm(algorithm: DigestAlgorithm) {
    #expect(algorithm.tag == algorithm.rawValue.uppercased())
    #expect(DigestAlgorithm(tag: algorithm.tag) == algorithm)
  }

  @Test(arguments: ["", "sha256", "SHA-256", "SHA256 ", "SHA512/256", "XXH64"])
  func tag_of_no_algorithm_is_rejected(tag: String) {
    #expect(DigestAlgorithm(tag: tag) == nil)
  }

  /// Manifests without tags depend on it: the meaning of a length never changes.
  @Test func each_length_is_taken_for_one_algorithm() {
    let named = (0...200).compactMap { count in
      DigestAlgorithm(untaggedDigitCount: count).map { [$0.rawValue: count] }
    }
    #expect(
      named == [
        ["crc32c": 8], ["xxh3": 16], ["md5": 32], ["sha1": 40], ["sha256": 64], ["sha384": 96], ["sha512": 128],
      ])
  }

  @Test func only_xxh3_and_xxh128_may_be_missing() {
    #expect(Set(DigestAlgorithm.allCases.filter { !$0.isAvailable }).isSubset(of: [.xxh3, .xxh128]))
  }
}
