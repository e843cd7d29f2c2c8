import FilePipeline

extension ByteReducer {
  /// For reducers that do not throw, as digests and counts do not.
  mutating func update(_ bytes: [UInt8]) {
    try! update(bytes.span.bytes)
  }

  /// The output for `bytes`, given in pieces that end at the offsets in `cuts`, which are in order.
  consuming func reduce(_ bytes: [UInt8], cutAt cuts: [Int] = []) -> Output {
    var start = 0
    for end in cuts + [bytes.count] {
      try! update(bytes.span.bytes.extracting(start..<end))
      start = end
    }
    return try! finish()
  }
}
