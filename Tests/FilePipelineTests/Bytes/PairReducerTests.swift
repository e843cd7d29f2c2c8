import FilePipeline
import Testing

@Suite struct PairReducerTests {
  @Test func each_gets_all_bytes() throws {
    for cuts in everyCutting(of: 5) {
      let output = try Collector().and(AtMost(9)).reduce([1, 2, 0, 3, 4], cutAt: cuts)
      #expect(output.0 == [1, 2, 0, 3, 4])
      #expect(output.1 == 5)
    }
    let empty = try Collector().and(AtMost(9)).reduce([])
    #expect(empty.0 == [] && empty.1 == 0)
  }

  @Test func one_that_has_enough_gets_nothing_more_and_the_pair_has_enough_with_both() throws {
    var pair = AtMost(1).and(AtMost(3)).and(AtMost(2))
    for number in 1...3 {
      #expect(!pair.hasEnough)
      try pair.update(([UInt8(number)] as [UInt8]).span.bytes)
    }
    #expect(pair.hasEnough)
    let ((first, second), third) = try pair.finish()
    #expect([first, second, third] == [1, 3, 2])
  }

  @Test func a_failure_of_one_is_one_of_both() {
    #expect(throws: Failure.self) { _ = try Collector().and(AtMost(0)).reduce([1]) }
    #expect(throws: Failure.self) { _ = try AtMost(0).and(Collector()).reduce([1]) }
  }
}

private struct Failure: Error {}

/// Counts up to a number, and fails if it gets more.
private struct AtMost: ByteReducer {
  private let limit: Int
  private var count = 0

  init(_ limit: Int) { self.limit = limit }

  var hasEnough: Bool { count == limit && limit > 0 }

  mutating func update(_ bytes: RawSpan) throws {
    count += bytes.byteCount
    if count > limit { throw Failure() }
  }

  mutating func finish() throws -> Int { count }
}
