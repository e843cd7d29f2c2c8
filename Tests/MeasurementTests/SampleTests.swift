import Measurement
import Testing

@Suite struct SampleTests {
  @Test(
    arguments: [
      ([3], 3), ([4, 1], 2.5), ([9, 1, 5], 5), ([1, 100, 2, 3], 2.5), ([2, 2, 2, 2, 7], 2), ([-1, 1], 0),
      ([Double.greatestFiniteMagnitude, .greatestFiniteMagnitude], .greatestFiniteMagnitude),
    ] as [([Double], Double)])
  func medians(values: [Double], median: Double) {
    #expect(Sample(values)?.median == median)
  }

  @Test func extremes() throws {
    let sample = try #require(Sample([2, -3, 8, 0]))
    #expect((sample.minimum, sample.maximum, sample.count) == (-3, 8, 4))
  }

  @Test func no_sample_of_nothing_or_of_what_is_not_finite() {
    #expect(Sample([]) == nil)
    #expect(Sample([1, .nan]) == nil)
    #expect(Sample([1, .infinity]) == nil)
  }

  @Test func ratio_of_medians() throws {
    let slow = try #require(Sample([6, 5, 100]))
    let fast = try #require(Sample([2, 1, 3]))
    #expect(slow.ratioOfMedians(to: fast) == 3)
    #expect(Sample([0]).flatMap { slow.ratioOfMedians(to: $0) } == nil)
    #expect(Sample([-1]).flatMap { slow.ratioOfMedians(to: $0) } == nil)
  }

  @Test(arguments: 0..<300) func half_of_the_values_are_on_either_side(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 1...20, using: &random)
    let values = (0..<count).map { _ in Double(Int.random(in: 0...9, using: &random)) }
    let sample = try #require(Sample(values))
    #expect(values.count { $0 < sample.median } * 2 <= values.count)
    #expect(values.count { $0 > sample.median } * 2 <= values.count)
    #expect(Sample(values.shuffled(using: &random)) == sample)
  }
}

/// Steele, Lea and Flood's SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
