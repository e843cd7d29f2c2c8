import Foundation

/// Random numbers that are reproducible from a seed: Steele, Lea and Flood's SplitMix64,
/// <https://doi.org/10.1145/2714064.2660195>.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(bitPattern: Int64(seed))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

/// Yields to other tasks up to `limit` times. The number depends on the seed and the element alone.
func yieldAtRandom(_ seed: Int, _ element: Int, upTo limit: Int = 3) async {
  var generator = SeededGenerator(seed: seed &* 1_000_003 &+ element)
  for _ in 0..<Int.random(in: 0...limit, using: &generator) { await Task.yield() }
}

/// The seeds of one case of a randomised test: with `MILLRACE_TEST_FULL=1` its whole block, otherwise the first eighth.
func seeds(inBlock block: Int = 0, of size: Int) -> Range<Int> {
  let first = block * size
  return first..<first + (isFull ? size : max(1, size / 8))
}

private let isFull = ProcessInfo.processInfo.environment["MILLRACE_TEST_FULL"] == "1"
