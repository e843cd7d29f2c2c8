import Glibc

/// The seed of a property test. To reproduce a failure, put the printed number in `MILLRACE_TEST_SEED`.
struct Seed: CustomStringConvertible {
  let value: UInt64

  init() {
    let given = getenv("MILLRACE_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    value = given ?? UInt64.random(in: 0...UInt64.max)
  }

  var description: String { "MILLRACE_TEST_SEED=\(value)" }

  func generator() -> SplitMix64 { SplitMix64(state: value) }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func bytes(count: ClosedRange<Int>, from alphabet: [UInt8]? = nil) -> [UInt8] {
    (0..<Int.random(in: count, using: &self)).map { _ in
      alphabet?.randomElement(using: &self) ?? UInt8.random(in: 0...255, using: &self)
    }
  }
}

/// The bytes of a string's UTF-8.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
