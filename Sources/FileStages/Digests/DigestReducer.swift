public import FilePipeline

/// Computes a file's digest, by an algorithm chosen at run time.
///
/// ```swift
/// var reducer = DigestReducer(.sha256)
/// reducer.update(bytes)
/// print(reducer.finish())
/// ```
///
/// It is a value: a copy is independent of the original.
public struct DigestReducer: ByteReducer {
  public let algorithm: DigestAlgorithm

  /// Every state fits into the existential's inline buffer, where it is updated without a copy or an allocation.
  private var state: any DigestState

  /// Starts with no bytes taken.
  ///
  /// - Precondition: `algorithm.isAvailable`. There is no fallback to another algorithm.
  public init(_ algorithm: DigestAlgorithm) {
    precondition(algorithm.isAvailable, "\(algorithm) needs libxxhash 0.8.0 or later")
    self.algorithm = algorithm
    state = algorithm.traits.makeState()
  }

  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { state.update($0) }
  }

  public mutating func finish() -> Digest {
    state.digest()
  }
}
