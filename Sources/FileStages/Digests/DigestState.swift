internal import Crypto

/// How far one algorithm has come with one file. It is a value: copies are independent.
protocol DigestState {
  mutating func update(_ bytes: UnsafeRawBufferPointer)

  /// The digest of the bytes so far.
  func digest() -> Digest
}

extension DigestAlgorithm {
  /// A state that has taken no bytes; the algorithm must be available.
  func makeState() -> any DigestState {
    switch self {
    case .sha256: CryptoState<SHA256>(self)
    case .sha512: CryptoState<SHA512>(self)
    case .sha1: CryptoState<Insecure.SHA1>(self)
    case .md5: CryptoState<Insecure.MD5>(self)
    case .crc32c: CRC32CState()
    case .xxh3: XXH3State()
    }
  }
}

/// One of swift-crypto's hash functions, which are values themselves (copied on write).
private struct CryptoState<Function: HashFunction>: DigestState {
  private let algorithm: DigestAlgorithm
  private var function = Function()

  init(_ algorithm: DigestAlgorithm) {
    self.algorithm = algorithm
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    function.update(bufferPointer: bytes)
  }

  func digest() -> Digest {
    function.finalize().withUnsafeBytes { Digest(algorithm, bytes: $0) }
  }
}
