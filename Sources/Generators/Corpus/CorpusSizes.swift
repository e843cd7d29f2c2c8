/// How large the files of a corpus are.
package enum CorpusSizes: String, CaseIterable, Sendable {
  /// Nothing in them: what remains is opening and closing.
  case empty

  /// A hundred bytes each: one read each, and no time spent on bytes.
  case tiny

  /// As in a tree of source code: most have a few kB, a few have a hundred times that, and the mean is about 20 kB.
  case source

  /// 64 MiB each: the reads are the work.
  case large

  /// The size of the next file in bytes.
  func next(using random: inout SplitMix64) -> Int {
    switch self {
    case .empty: 0
    case .tiny: 100
    case .source: Self.logNormal(using: &random)
    case .large: 64 << 20
    }
  }

  /// The median of `source` in bytes. With a spread of 1.6 the mean is exp(1.6² / 2) = 3.6 times that.
  private static let median = 5_600.0

  /// The standard deviation of the natural logarithm of the size.
  private static let spread = 1.6

  /// No file of `source` is larger. Fewer than one in 50,000 would be.
  private static let largest = 4 << 20

  /// Draws from a log-normal distribution.
  ///
  /// Only operations that IEEE 754 rounds correctly take part, so every machine draws the same; `exp` and `log` may
  /// differ in their last bit from one C library to another.
  private static func logNormal(using random: inout SplitMix64) -> Int {
    // Twelve uniform draws have a variance of one; their sum is normal enough up to three deviations.
    var deviation = -6.0
    for _ in 0..<12 { deviation += random.unit() }
    let log2OfE = 1.442_695_040_888_963_4
    return min(Int(median * powerOfTwo(deviation * spread * log2OfE)), largest)
  }

  /// 2 to the power of `exponent`, from square roots: each bit of the fraction multiplies by the next root of two.
  private static func powerOfTwo(_ exponent: Double) -> Double {
    let whole = exponent.rounded(.down)
    var fraction = exponent - whole
    var power = Double(sign: .plus, exponent: Int(whole), significand: 1)
    var root = 2.0
    for _ in 0..<20 {
      root = root.squareRoot()
      fraction *= 2
      if fraction >= 1 {
        power *= root
        fraction -= 1
      }
    }
    return power
  }
}
