import TestTurns
import Testing

@testable import MillraceCommand

@Suite(.inTurn) struct SampleTests {
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

  @Test func half_of_the_values_are_on_either_side() throws {
    let seed = Seed()
    var random = seed.generator()
    for _ in 0..<300 {
      let count = Int.random(in: 1...20, using: &random)
      let values = (0..<count).map { _ in Double(Int.random(in: 0...9, using: &random)) }
      let sample = try #require(Sample(values))
      #expect(values.count { $0 < sample.median } * 2 <= values.count, "\(seed)")
      #expect(values.count { $0 > sample.median } * 2 <= values.count, "\(seed)")
      #expect(Sample(values.shuffled(using: &random)) == sample, "\(seed)")
    }
  }
}
