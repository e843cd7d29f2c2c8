import AsyncPipeline
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FusedOperatorsTests {
  @Test func map_transforms_each_element() async throws {
    #expect(try await Pipeline(0..<200).map { $0 * 2 }.collect() == (0..<200).map { $0 * 2 })
  }

  @Test func filter_drops_some_elements() async throws {
    #expect(try await Pipeline(0..<200).filter { $0 % 3 == 0 }.collect() == (0..<200).filter { $0 % 3 == 0 })
  }

  @Test func compact_map_drops_nil_results() async throws {
    let words = ["1", "x", "3", "", "5"]
    #expect(try await Pipeline(words).compactMap { Int($0) }.collect() == [1, 3, 5])
  }

  @Test func map_to_an_optional_keeps_its_nils() async throws {
    let words = ["1", "x", "3"]
    #expect(try await Pipeline(words).map { Int($0) }.collect() == [1, nil, 3])
    #expect(try await Pipeline(words).mapAsync(width: 2) { Int($0) }.collect() == [1, nil, 3])
  }

  @Test func operators_compose_in_their_order() async throws {
    let pipeline = Pipeline(0..<1_000).map { $0 + 1 }.filter { $0 % 2 == 0 }.compactMap { $0 % 4 == 0 ? "\($0)" : nil }
    #expect(try await pipeline.collect() == stride(from: 4, through: 1_000, by: 4).map { "\($0)" })
  }

  @Test func operators_compose_with_concurrent_ones() async throws {
    let pipeline = Pipeline(0..<1_000)
      .filter { $0 % 2 == 0 }
      .mapAsync(width: 3) { $0 + 1 }
      .map { $0 * 10 }
      .filter { $0 % 3 == 0 }
      .mapAsync(width: 2, order: .input(window: 5)) { "\($0)" }
      .map(\.count)
    let expected = (0..<1_000).filter { $0 % 2 == 0 }.map { ($0 + 1) * 10 }.filter { $0 % 3 == 0 }.map { "\($0)".count }
    #expect(try await pipeline.collect() == expected)
  }

  @Test func filter_that_drops_all_elements_leaves_an_empty_run() async throws {
    let pipeline = Pipeline(0..<1_000).filter { _ in false }.mapAsync(width: 2) { $0 }
    #expect(try await pipeline.collect() == [])
  }

  @Test func a_pipeline_can_be_run_again_and_branched() async throws {
    let common = Pipeline(0..<10).map { $0 + 1 }
    #expect(try await common.collect() == Array(1...10))
    #expect(try await common.filter { $0 > 8 }.collect() == [9, 10])
    #expect(try await common.collect() == Array(1...10))
  }
}
