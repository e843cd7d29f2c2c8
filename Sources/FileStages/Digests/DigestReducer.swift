public import FilePipeline

/// Computes a file's digest, by an algorithm chosen at run time.
///
/// ```swift
/// var reducer = DigestReducer(.sha256)
/// reducer.update(bytes)
/// print(reducer.finish())
/// ```
///
/// A copy goes its own way: what one of the two takes later does not show in the other.
public struct DigestReducer: ByteReducer {
  public let algorithm: DigestAlgorithm

  /// Small enough, whichever it is, to lie in the existential's own words, and changed there: no copy for each update.
  private var state: any DigestState

  /// Starts with no bytes taken.
  ///
  /// - Precondition: `algorithm.isAvailable`. A digest that cannot be computed is never replaced by another.
  public init(_ algorithm: DigestAlgorithm) {
    precondition(algorithm.isAvailable, "\(algorithm) needs libxxhash 0.8.0 or later")
    self.algorithm = algorithm
    state = algorithm.makeState()
  }

  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { state.update($0) }
  }

  public mutating func finish() -> Digest {
    state.digest()
  }
}
