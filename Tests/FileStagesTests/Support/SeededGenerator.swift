/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): the same seed, the
/// same test.
struct SeededGenerator: RandomNumberGenerator {
  /// Seeds for a parameterised test, which prints its argument on failure: some fixed, and a random one for each
  /// run.
  static let seeds: [UInt64] = [1, 2, 3, .random(in: .min ... .max)]

  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(count: Int, among choices: [UInt8] = Array(0...255)) -> [UInt8] {
    (0..<count).map { _ in choices.randomElement(using: &self)! }
  }

  /// Up to `limit` offsets into `count` bytes, in order; some may be equal.
  mutating func cuts(of count: Int, limit: Int) -> [Int] {
    (0..<Int.random(in: 0...limit, using: &self)).map { _ in Int.random(in: 0...count, using: &self) }.sorted()
  }
}
