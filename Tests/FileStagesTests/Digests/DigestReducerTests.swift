import FileStages
import Testing

@Suite
struct DigestReducerTests {
  /// Longer than each algorithm's block, and than XXH3's stripe block of 1024 bytes.
  private let sample = sampleBytes(1100)

  @Test(arguments: availableAlgorithms)
  func every_cut_in_two_gives_the_same_digest(algorithm: DigestAlgorithm) {
    let whole = DigestReducer(algorithm).reduce(sample)
    for cut in 0...sample.count {
      #expect(DigestReducer(algorithm).reduce(sample, cutAt: [cut]) == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: availableAlgorithms, SeededGenerator.seeds)
  func any_pieces_give_the_same_digest(algorithm: DigestAlgorithm, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let bytes = generator.bytes(count: Int.random(in: 0...3000, using: &generator))
      let cuts = generator.cuts(of: bytes.count, limit: 40)
      let whole = DigestReducer(algorithm).reduce(bytes)
      #expect(DigestReducer(algorithm).reduce(bytes, cutAt: cuts) == whole, "seed \(seed), cuts at \(cuts)")
    }
  }

  @Test(arguments: availableAlgorithms)
  func the_address_of_the_bytes_has_no_meaning(algorithm: DigestAlgorithm) {
    let whole = DigestReducer(algorithm).reduce(sample)
    for offset in 0..<64 {
      let room = [UInt8](repeating: 0xAA, count: offset) + sample
      var reducer = DigestReducer(algorithm)
      reducer.update(room.span.bytes.extracting(droppingFirst: offset))
      #expect(reducer.finish() == whole, "offset \(offset)")
    }
  }

  @Test(arguments: availableAlgorithms)
  func copies_in_midstream_go_their_own_ways(algorithm: DigestAlgorithm) {
    let (start, left, right) = (sampleBytes(300), Array("left".utf8), Array("right".utf8))
    var reducer = DigestReducer(algorithm)
    reducer.update(start)

    var first = reducer
    var second = first
    first.update(left)
    second.update(right)
    first.update(right)

    #expect(first.finish() == DigestReducer(algorithm).reduce(start + left + right))
    #expect(second.finish() == DigestReducer(algorithm).reduce(start + right))
    #expect(reducer.finish() == DigestReducer(algorithm).reduce(start))
  }

  @Test(arguments: availableAlgorithms)
  func digest_says_its_algorithm(algorithm: DigestAlgorithm) {
    #expect(DigestReducer(algorithm).algorithm == algorithm)
    #expect(DigestReducer(algorithm).reduce(sample).algorithm == algorithm)
  }
}
