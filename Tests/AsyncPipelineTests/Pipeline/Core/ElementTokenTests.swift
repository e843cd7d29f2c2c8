import Testing

@testable import AsyncPipeline

struct ElementTokenTests {
  private let stage = StageCounters()

  @Test func each_method_that_ends_a_token_counts_its_elements() {
    stage.add(input: 21)
    var tokens = stage.take(21)
    tokens.split(1).output()
    tokens.split(2).filter()
    tokens.split(3).fail()
    tokens.split(4).skip()
    tokens.split(5).combine()
    tokens.takeAll().cancel()
    let report = stage.snapshot(at: 0)
    #expect([report.output, report.filtered, report.failed] == [1, 2, 3])
    #expect([report.skipped, report.combined, report.cancelled] == [4, 5, 6])
    #expect(report.elementsInFlight == 0)
  }

  @Test func token_that_goes_out_of_scope_counts_its_elements_as_cancelled() async {
    func fail() async throws {
      var tokens = stage.take(3)
      tokens.split().output()
      try await Task { throw Failure(element: 0) }.value
      tokens.output()
    }
    await expect(throwing: Failure(element: 0)) { try await fail() }
    #expect(stage.snapshot(at: 0).output == 1)
    #expect(stage.snapshot(at: 0).cancelled == 2)
  }

  @Test func tokens_of_elements_in_a_container_count_nothing() {
    var tokens = stage.take(2)
    tokens.merge(stage.expand(3))
    #expect(tokens.count == 5)
    tokens.handOver()
    let report = stage.snapshot(at: 0)
    #expect(report.expanded == 3)
    #expect([report.output, report.filtered, report.cancelled] == [0, 0, 0])
  }

  @Test func batch_gives_a_token_with_each_element() {
    var batch = TakenBatch([1, 2], stage.take(2))
    let last = TakenElement.handOver(batch.popLast())
    #expect(last == 2)
    #expect(batch.tokens.count == 1)
    let first = TakenElement.handOver(batch.popLast())
    let none = TakenElement.handOver(batch.popLast())
    #expect(first == 1 && none == nil)
    #expect(stage.snapshot(at: 0).cancelled == 0)
  }

  @Test func element_is_not_accounted_for_twice() async {
    await #expect(processExitsWith: .failure) {
      var token = StageCounters().take(1)
      token.split().output()
      token.split().output()
    }
  }
}
