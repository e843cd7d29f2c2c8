import FilePipeline

/// All partitions of so many bytes into pieces, each as the offsets of the cuts: there are 2^(count - 1).
func everyCutting(of count: Int) -> [[Int]] {
  count < 2
    ? [[]]
    : (0..<1 << (count - 1)).map { bits in (1..<count).filter { bits >> ($0 - 1) & 1 == 1 } }
}

extension [UInt8] {
  /// Calls `body` with the pieces that end at each of `cuts` and at the end, those that are not empty.
  func forEachPiece(cutAt cuts: [Int], _ body: (RawSpan) throws -> Void) rethrows {
    var start = 0
    for end in cuts + [count] where end > start {
      try body(span.bytes.extracting(start..<end))
      start = end
    }
  }

  init(_ bytes: RawSpan) {
    self = bytes.withUnsafeBytes { [UInt8]($0) }
  }
}

extension ByteReducer {
  /// The output for `bytes` in these pieces, as if read from a file.
  consuming func reduce(_ bytes: some Sequence<UInt8>, cutAt cuts: [Int] = []) throws -> Output {
    try Array(bytes).forEachPiece(cutAt: cuts) { if !hasEnough { try update($0) } }
    return try finish()
  }
}

extension ByteStageChain {
  /// The output of the stages for `bytes` in these pieces, as if read from a file.
  func transform(_ bytes: some Sequence<UInt8>, cutAt cuts: [Int] = []) throws -> [UInt8] {
    var collector = Collector()
    var demand = ByteDemand.more
    begin()
    try Array(bytes).forEachPiece(cutAt: cuts) { if demand == .more { demand = try push($0, into: &collector) } }
    return try finish(into: &collector)
  }
}
