/// What a ``DigestAlgorithm`` computes from a file's bytes. It is stored inline, without an allocation.
///
/// Two digests are equal if they are of the same algorithm and have the same bytes.
public struct Digest: Sendable {
  /// Room for the longest digest, SHA-512's.
  typealias Storage = InlineArray<64, UInt8>

  public let algorithm: DigestAlgorithm

  private let storage: Storage

  /// Takes a digest's bytes with any bytes after them.
  init(_ algorithm: DigestAlgorithm, storage: Storage) {
    self.algorithm = algorithm
    self.storage = storage
  }

  /// Takes `algorithm.digestByteCount` bytes, in the order in which they are printed.
  init(_ algorithm: DigestAlgorithm, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == algorithm.digestByteCount, "\(algorithm) has \(algorithm.digestByteCount) bytes")
    self.init(algorithm, storage: Storage { $0 < bytes.count ? bytes[$0] : 0 })
  }

  /// Takes an integer, whose digits are printed from the most significant on.
  init(_ algorithm: DigestAlgorithm, _ value: some FixedWidthInteger & BitwiseCopyable) {
    self = withUnsafeBytes(of: value.bigEndian) { Digest(algorithm, bytes: $0) }
  }

  /// Calls `body` with the digest's bytes, ``DigestAlgorithm/digestByteCount`` of them.
  public func withBytes<R, Failure: Error>(_ body: (RawSpan) throws(Failure) -> R) throws(Failure) -> R {
    try body(storage.span.bytes.extracting(first: algorithm.digestByteCount))
  }
}

extension Digest: Hashable {
  public static func == (lhs: Digest, rhs: Digest) -> Bool {
    guard lhs.algorithm == rhs.algorithm else { return false }
    return (0..<lhs.algorithm.digestByteCount).allSatisfy { lhs.storage[$0] == rhs.storage[$0] }
  }

  public func hash(into hasher: inout Hasher) {
    withBytes { bytes in
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
  }
}
