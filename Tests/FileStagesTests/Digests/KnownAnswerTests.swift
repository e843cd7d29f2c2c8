import FileStages
import Testing

@Suite
struct KnownAnswerTests {
  /// FIPS 180-4 and RFC 1321 for the first two of each; `sha256sum` and its like for the third.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "",
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    ),
    (
      "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("", "00000000"),
    ("abc", "364b3fb7"),
    ("123456789", "e3069283"),
  ])
  func textsHaveTheirPublishedDigests(text: String, expected: String) throws {
    try expectDigest(of: Array(text.utf8), expected)
  }

  @Test(arguments: [
    "69dbee893909fa17d1be397e0c07691336fe42049c29d403467d3d4a1fc3b5a1",
    "f7b8464be8c23f633cd761a6502801a7d77f59a9eb0523e50bec6b366687258a"
      + "7c8e5f8b1578e56076b133a5ea1f0dd3cf439d97ebca4f335818be014a085c86",
    "e6937aa016bc06eda81d3b227fffde825d881ce5",
    "046b3239eaade30920069f171518d956",
  ])
  func manyBlocksHaveTheDigestsThatCoreutilsPrints(expected: String) throws {
    try expectDigest(of: sampleBytes(5000), expected)
  }

  /// RFC 3720, appendix B.4, whose table gives the bytes in the order of the wire: the least significant first.
  @Test(arguments: [
    ([UInt8](repeating: 0x00, count: 32), "8a9136aa"),
    ([UInt8](repeating: 0xFF, count: 32), "62a8ab43"),
    (Array(0...31), "46dd794e"),
    (Array((0...31).reversed()), "113fdb5c"),
    (scsiReadCommand, "d9963a56"),
  ])
  func crc32cHasTheValuesOfRFC3720(bytes: [UInt8], expected: String) throws {
    try expectDigest(of: bytes, expected)
  }

  /// Printed by `xxhsum -H3` 0.8.1. The lengths take each of the ways through the function: up to 3, 8, 16, 128 and 240
  /// bytes, then one block of 1024 and several.
  @Test(
    .enabled(if: DigestAlgorithm.xxh3.isAvailable, "compiled without libxxhash"),
    arguments: [
      (0, "2d06800538d394c2"), (3, "5f4299fc161c9cbb"), (8, "3a1c2d7c85af88f8"), (16, "8355e3a6f61770db"),
      (128, "85c6174c7ff4c46b"), (240, "375a384d957fe865"), (241, "02e8cd95421c6d02"), (1024, "e5d78bafa45b2aa5"),
      (5000, "b418500fc42320ee"),
    ]
  )
  func xxh3IsWhatXxhsumPrints(count: Int, expected: String) throws {
    try expectDigest(of: sampleBytes(count), expected)
  }

  @Test(.enabled(if: DigestAlgorithm.xxh3.isAvailable, "compiled without libxxhash"))
  func xxh3OfABC() throws {
    try expectDigest(of: Array("abc".utf8), "78af5f94892f3950")
  }
}

/// The number of digits in `expected` says which algorithm is meant. A file without bytes gets no update at all.
private func expectDigest(of bytes: [UInt8], _ expected: String, _ location: SourceLocation = #_sourceLocation) throws {
  let algorithm = try #require(DigestAlgorithm(hexadecimalDigitCount: expected.utf8.count), sourceLocation: location)
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
