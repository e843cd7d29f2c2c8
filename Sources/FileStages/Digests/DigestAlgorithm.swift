internal import CDigests

/// A function from a file's bytes to a few bytes, by which files are compared and verified.
///
/// Only ``sha256`` and ``sha512`` hold against someone who wants two files to look the same.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
  /// SHA-256 (FIPS 180-4): the usual choice, safe against forgery.
  case sha256
  /// SHA-512 (FIPS 180-4): as safe, and faster than SHA-256 on processors without SHA instructions.
  case sha512
  /// SHA-1 (FIPS 180-4): for manifests that have it already. Collisions are known: not for security.
  case sha1
  /// MD5 (RFC 1321): for manifests that have it already. Collisions take seconds to make: not for security.
  case md5
  /// CRC-32C, the Castagnoli polynomial (RFC 3720, appendix B.4): finds accidental damage. Not for security.
  case crc32c
  /// XXH3 with 64 bits and no seed (xxHash 0.8): the fastest, finds accidental damage and duplicates. Not for security.
  case xxh3

  /// The algorithm that BSD-style manifests call `tag`, in the same case; nil if there is none.
  public init?(tag: String) {
    guard let algorithm = Self.allCases.first(where: { $0.tag == tag }) else { return nil }
    self = algorithm
  }

  /// The algorithm whose digests have this many hexadecimal digits, which no two share; nil if there is none.
  public init?(hexadecimalDigitCount count: Int) {
    guard let algorithm = Self.allCases.first(where: { $0.digestByteCount * 2 == count }) else { return nil }
    self = algorithm
  }

  /// The length of a digest, in bytes; in hexadecimal it has twice as many digits.
  public var digestByteCount: Int {
    switch self {
    case .sha256: 32
    case .sha512: 64
    case .sha1: 20
    case .md5: 16
    case .crc32c: 4
    case .xxh3: 8
    }
  }

  /// The name in BSD-style manifests, such as `SHA256` in `SHA256 (name) = digest` (`sha256sum --tag`).
  public var tag: String {
    switch self {
    case .sha256: "SHA256"
    case .sha512: "SHA512"
    case .sha1: "SHA1"
    case .md5: "MD5"
    case .crc32c: "CRC32C"
    case .xxh3: "XXH3"
    }
  }

  /// Whether this build can compute it. Only ``xxh3`` may be missing: it needs libxxhash 0.8.0 or later, and its header
  /// when the package is compiled.
  public var isAvailable: Bool {
    switch self {
    case .xxh3: cdigests_xxh3_is_available()
    case .sha256, .sha512, .sha1, .md5, .crc32c: true
    }
  }
}
