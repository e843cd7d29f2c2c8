internal import Crypto

/// The state of one algorithm over one file. It is a value: copies are independent.
protocol DigestState {
  mutating func update(_ bytes: UnsafeRawBufferPointer)

  /// The digest of the bytes so far.
  func digest() -> Digest
}

/// One of swift-crypto's hash functions, which are values themselves (copied on write).
struct CryptoState<Function: HashFunction>: DigestState {
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
