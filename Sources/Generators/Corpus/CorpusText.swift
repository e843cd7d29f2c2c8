/// Text for a corpus, at the speed of copying it: a stock of lines is made once, and files are filled with lines of the
/// stock in another order, each behind eight hexadecimal digits of its own.
///
/// It is good for measuring reads, digests and counts, and says little about codecs: gzip makes it three times smaller.
struct CorpusText {
  /// The bytes of all lines of the stock, each with the newline at its end.
  private var stock: [UInt8] = []

  /// Where each line of the stock begins, and where the last one ends.
  private var starts: [Int] = [0]

  private var random: SplitMix64

  /// How many lines the stock has: about 600 kB, far more than the window in which gzip finds a line again.
  private static let lineCount = 8192

  /// The digits and the space before each line.
  private static let prefixLength = 9

  private static let newline = UInt8(ascii: "\n")

  init(seed: UInt64) {
    random = SplitMix64(seed: seed, stream: "text")
    for _ in 0..<Self.lineCount {
      for _ in 0..<random.within(5...20) {
        stock.append(contentsOf: random.pick(MillWords.all).utf8)
        stock.append(UInt8(ascii: " "))
      }
      stock[stock.count - 1] = Self.newline
      starts.append(stock.count)
    }
  }

  /// Fills all of `buffer`. Its last byte is a newline, however short the last line comes out.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    stock.withUnsafeBytes { stock in
      var filled = 0
      while filled < buffer.count {
        let draw = random.next()
        let line = Int(truncatingIfNeeded: draw) & (Self.lineCount - 1)
        let left = buffer.count - filled
        if left < Self.prefixLength {
          (base + filled).copyMemory(from: stock.baseAddress!, byteCount: left)
          break
        }
        Self.writePrefix(draw, to: base + filled)
        filled += Self.prefixLength
        let length = min(starts[line + 1] - starts[line], left - Self.prefixLength)
        (base + filled).copyMemory(from: stock.baseAddress! + starts[line], byteCount: length)
        filled += length
      }
    }
    buffer[buffer.count - 1] = Self.newline
  }

  /// Writes the upper half of `draw` in hexadecimal, and a space.
  private static func writePrefix(_ draw: UInt64, to target: UnsafeMutableRawPointer) {
    var left = draw
    for place in 0..<8 {
      let digit = UInt8(truncatingIfNeeded: left >> 60)
      target.storeBytes(of: digit + (digit < 10 ? 48 : 87), toByteOffset: place, as: UInt8.self)
      left <<= 4
    }
    target.storeBytes(of: UInt8(ascii: " "), toByteOffset: 8, as: UInt8.self)
  }
}
