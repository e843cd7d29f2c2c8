internal import CDigests
internal import Crypto

/// A function from a file's bytes to a few bytes, by which files are compared and verified.
///
/// Only the SHA-2 functions (``sha256``, ``sha384``, ``sha512``) resist an attacker who wants two files to have the
/// same digest.
///
/// The order of the cases has a meaning: see ``init(untaggedDigitCount:)``.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
  /// SHA-256 (FIPS 180-4): the usual choice, collision-resistant.
  case sha256
  /// SHA-384 (FIPS 180-4): a truncated SHA-512, collision-resistant.
  case sha384
  /// SHA-512 (FIPS 180-4): collision-resistant, and faster than SHA-256 on processors without SHA instructions.
  case sha512
  /// SHA-1 (FIPS 180-4): for existing manifests. Collisions are known: not for security.
  case sha1
  /// MD5 (RFC 1321): for existing manifests. Collisions take seconds to make: not for security.
  case md5
  /// CRC-32C, the Castagnoli polynomial (RFC 3720, appendix B.4): detects accidental damage. Not for security.
  case crc32c
  /// XXH3 with 64 bits and no seed (xxHash 0.8): the fastest, detects accidental damage and duplicates. Not for
  /// security.
  case xxh3
  /// XXH3 with 128 bits and no seed (xxHash 0.8): as ``xxh3``, for so many files that 64 bits might collide by chance.
  /// Not for security.
  case xxh128
}

extension DigestAlgorithm {
  /// What distinguishes an algorithm from the others. To add one, add a case, a row of ``traits`` and its state.
  struct Traits {
    let tag: String
    let byteCount: Int
    var needsXXHash = false
    let makeState: () -> any DigestState
  }

  var traits: Traits {
    switch self {
    case .sha256: Traits(tag: "SHA256", byteCount: 32) { CryptoState<SHA256>(self) }
    case .sha384: Traits(tag: "SHA384", byteCount: 48) { CryptoState<SHA384>(self) }
    case .sha512: Traits(tag: "SHA512", byteCount: 64) { CryptoState<SHA512>(self) }
    case .sha1: Traits(tag: "SHA1", byteCount: 20) { CryptoState<Insecure.SHA1>(self) }
    case .md5: Traits(tag: "MD5", byteCount: 16) { CryptoState<Insecure.MD5>(self) }
    case .crc32c: Traits(tag: "CRC32C", byteCount: 4) { CRC32CState() }
    case .xxh3: Traits(tag: "XXH3", byteCount: 8, needsXXHash: true) { XXH3State(bits: 64) }
    case .xxh128: Traits(tag: "XXH128", byteCount: 16, needsXXHash: true) { XXH3State(bits: 128) }
    }
  }

  /// The algorithm with this ``tag``, in the same case; nil if there is none.
  public init?(tag: String) {
    guard let algorithm = Self.allCases.first(where: { $0.tag == tag }) else { return nil }
    self = algorithm
  }

  /// The algorithm that a digest of this many hexadecimal digits is taken for where neither a tag nor an option names
  /// one: the first of ``allCases`` with digests of that length. So 32 digits are an MD5, as `md5sum` prints it, and
  /// not an XXH128.
  ///
  /// Returns nil if no algorithm has digests of that length.
  public init?(untaggedDigitCount count: Int) {
    guard let algorithm = Self.allCases.first(where: { $0.digestByteCount * 2 == count }) else { return nil }
    self = algorithm
  }

  /// The length of a digest, in bytes; in hexadecimal it has twice as many digits.
  public var digestByteCount: Int { traits.byteCount }

  /// The name in BSD-style manifests, such as `SHA256` in `SHA256 (name) = digest` (`sha256sum --tag`).
  public var tag: String { traits.tag }

  /// Whether this build can compute it. Only ``xxh3`` and ``xxh128`` may be missing: they need libxxhash 0.8.0 or
  /// later, and its header when the package is compiled.
  public var isAvailable: Bool { !traits.needsXXHash || cdigests_xxh3_is_available() }
}
