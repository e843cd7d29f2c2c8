import FileStages
import Testing

@Suite
struct KnownAnswerTests {
  /// No bytes, `abc` and a million times `a`. SHA: FIPS 180-4 and the examples that NIST publishes with it. MD5: RFC
  /// 1321, and `md5sum` for the million. CRC-32C: the definition, bit by bit. XXH3 and XXH128: `xxhsum` 0.8.1.
  private static let digests: [(DigestAlgorithm, empty: String, abc: String, million: String)] = [
    (
      .sha256,
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    (
      .sha384,
      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
        + "4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
        + "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
      "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852"
        + "7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985"
    ),
    (
      .sha512,
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
        + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
    ),
    (
      .sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "a9993e364706816aba3e25717850c26c9cd0d89d",
      "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
    ),
    (
      .md5, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72", "7707d6ae4e027c70eea2a935c2296f21"
    ),
    (.crc32c, "00000000", "364b3fb7", "436fe240"),
    (.xxh3, "2d06800538d394c2", "78af5f94892f3950", "b1fd6fae5285c4eb"),
    (
      .xxh128, "99aa06d3014798d86001c324468d497f", "06b05ab6733a618578af5f94892f3950",
      "a545df8e384a9579b1fd6fae5285c4eb"
    ),
  ]

  @Test func every_algorithm_has_known_answers() {
    #expect(Self.digests.map(\.0) == DigestAlgorithm.allCases)
  }

  @Test(arguments: digests.filter { $0.0.isAvailable })
  func texts_have_their_published_digests(
    algorithm: DigestAlgorithm, empty: String, abc: String, million: String
  ) {
    expectDigest(of: [], algorithm, empty)
    expectDigest(of: Array("abc".utf8), algorithm, abc)
    expectDigest(of: [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), algorithm, million)
  }

  @Test(
    arguments: [
      (.sha256, "69dbee893909fa17d1be397e0c07691336fe42049c29d403467d3d4a1fc3b5a1"),
      (
        .sha384,
        "3592cbbc05f7c49ff1edb2c122f878fb78792cdb3d6883d3"
          + "a705f902f43cfde95f1bc803445f48b3eac92224d54f846d"
      ),
      (
        .sha512,
        "f7b8464be8c23f633cd761a6502801a7d77f59a9eb0523e50bec6b366687258a"
          + "7c8e5f8b1578e56076b133a5ea1f0dd3cf439d97ebca4f335818be014a085c86"
      ),
      (.sha1, "e6937aa016bc06eda81d3b227fffde825d881ce5"),
      (.md5, "046b3239eaade30920069f171518d956"),
    ] as [(DigestAlgorithm, String)])
  func many_blocks_have_the_digests_that_coreutils_prints(algorithm: DigestAlgorithm, expected: String) {
    expectDigest(of: sampleBytes(5000), algorithm, expected)
  }

  @Test func crc32c_has_the_check_value_of_the_catalogue() {
    expectDigest(of: Array("123456789".utf8), .crc32c, "e3069283")
  }

  /// RFC 3720, appendix B.4, whose table gives the bytes in the order of the wire: the least significant first.
  @Test(arguments: [
    ([UInt8](repeating: 0x00, count: 32), "8a9136aa"),
    ([UInt8](repeating: 0xFF, count: 32), "62a8ab43"),
    (Array(0...31), "46dd794e"),
    (Array((0...31).reversed()), "113fdb5c"),
    (scsiReadCommand, "d9963a56"),
  ])
  func crc32c_has_the_values_of_RFC_3720(bytes: [UInt8], expected: String) {
    expectDigest(of: bytes, .crc32c, expected)
  }

  /// Printed by `xxhsum -H3` and `xxhsum -H2` 0.8.1. The lengths take each of the function's branches: up to 3, 8, 16,
  /// 128 and 240 bytes, then one block of 1024 and several.
  @Test(
    .enabled(if: DigestAlgorithm.xxh3.isAvailable, "compiled without libxxhash"),
    arguments: [
      (0, "2d06800538d394c2", "99aa06d3014798d86001c324468d497f"),
      (3, "5f4299fc161c9cbb", "e3b55f57945a17cf5f4299fc161c9cbb"),
      (8, "3a1c2d7c85af88f8", "e1e4432a62217fe4cfd50c61c8bb98c1"),
      (16, "8355e3a6f61770db", "72950631827607e2842812cc870dcae2"),
      (128, "85c6174c7ff4c46b", "14792fc3af88dc6c05321a0b64d67b41"),
      (240, "375a384d957fe865", "65b5be86da5540e7c92b68e16f83bbb6"),
      (241, "02e8cd95421c6d02", "1da1cb61bcb8a2a102e8cd95421c6d02"),
      (1024, "e5d78bafa45b2aa5", "d0ac1f7b93bf57b9e5d78bafa45b2aa5"),
      (5000, "b418500fc42320ee", "b92ec02c39d33ce7b418500fc42320ee"),
    ])
  func xxh3_is_what_xxhsum_prints(count: Int, short: String, long: String) {
    expectDigest(of: sampleBytes(count), .xxh3, short)
    expectDigest(of: sampleBytes(count), .xxh128, long)
  }
}

/// A file without bytes gets no update at all.
private func expectDigest(
  of bytes: [UInt8], _ algorithm: DigestAlgorithm, _ expected: String, _ location: SourceLocation = #_sourceLocation
) {
  var reducer = DigestReducer(algorithm)
  if !bytes.isEmpty { reducer.update(bytes) }
  #expect(reducer.finish().description == expected, "\(algorithm)", sourceLocation: location)
}

/// "An iSCSI - SCSI Read (10) Command PDU".
private let scsiReadCommand: [UInt8] = [
  0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
  0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
]
