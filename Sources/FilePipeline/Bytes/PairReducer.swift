/// Two reducers over one read of the file: see ``ByteReducer/and(_:)``.
public struct PairReducer<First: ByteReducer, Second: ByteReducer>: ByteReducer {
  @usableFromInline var first: First
  @usableFromInline var second: Second

  @inlinable
  public init(_ first: First, _ second: Second) {
    (self.first, self.second) = (first, second)
  }

  @inlinable
  public mutating func update(_ bytes: RawSpan) throws {
    if !first.hasEnough { try first.update(bytes) }
    if !second.hasEnough { try second.update(bytes) }
  }

  @inlinable public var hasEnough: Bool { first.hasEnough && second.hasEnough }

  @inlinable
  public mutating func finish() throws -> (First.Output, Second.Output) {
    (try first.finish(), try second.finish())
  }
}

extension ByteReducer {
  /// Combines two reducers over the same bytes, which are read once. The output is a tuple of both outputs.
  ///
  /// A reducer that has enough gets no further bytes; the file is read until both have enough. An error of either fails
  /// the file.
  ///
  /// ```swift
  /// FilePipeline.files(under: "SampleData")
  ///   .reduce { DigestReducer(.sha256).and(CountReducer()) }
  ///   .forEach { file in
  ///     let (digest, counts) = try file.value
  ///     print(digest, counts.lines)
  ///   }
  /// ```
  @inlinable
  public consuming func and<Other: ByteReducer>(_ other: Other) -> PairReducer<Self, Other> {
    PairReducer(self, other)
  }
}
