import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PipelineResultsTests {
  @Test func results_are_the_elements_in_order() async throws {
    for pipeline in [Pipeline(0..<1_000), Pipeline(0..<1_000).mapAsync(width: 3) { $0 }] {
      // Each loop is a run of its own.
      for _ in 0..<2 {
        var elements: [Int] = []
        for try await element in pipeline.results { elements.append(element) }
        #expect(elements == Array(0..<1_000))
      }
    }
  }

  @Test func run_begins_with_the_first_request() async throws {
    let made = Counter()
    let pipeline = Pipeline(0..<10).tap { _ in made.add() }
    var iterator = pipeline.results.makeAsyncIterator()
    #expect(made.value == 0)
    #expect(try await iterator.next() == 0)
    #expect(made.value > 0)
  }

  @Test func leaving_the_loop_ends_the_run_and_releases_its_elements() async throws {
    let alive = Counter()
    let pipeline = Pipeline(0...).mapAsync(width: 3) { LiveElement($0, alive: alive) }
    for try await element in pipeline.results where element.number == 100 { break }
    // The run ends in a task of its own.
    while alive.value > 0 { await Task.yield() }
  }

  @Test func failure_is_thrown_after_the_elements_before_it() async throws {
    let failing = Pipeline(0..<10).map { (number: Int) throws -> Int in
      if number == 5 { throw Failure(element: number) }
      return number
    }
    var elements: [Int] = []
    let failure = await #expect(throws: PipelineFailure.self) {
      for try await element in failing.results {
        elements.append(element)
      }
    }
    #expect(failure?.cause as? Failure == Failure(element: 5))
    // The elements that waited for the loop are dropped with the run.
    #expect(elements == Array(elements.indices) && elements.count <= 5)
  }

  @Test func next_after_the_end_returns_nil() async throws {
    var iterator = Pipeline(0..<1).results.makeAsyncIterator()
    #expect(try await iterator.next() == 0)
    #expect(try await iterator.next() == nil)
    #expect(try await iterator.next() == nil)
  }

  @Test func cancelling_the_loop_cancels_the_run_and_waits_for_it() async throws {
    let (begun, ended) = (Gate(), Counter())
    let task = Task {
      let pipeline = Pipeline(0...).mapAsync(width: 2) { number in
        if number < 100 { return number }
        begun.open()
        while !Task.isCancelled { await Task.yield() }
        ended.add()
        return number
      }
      for try await _ in pipeline.results {}
    }
    await begun.wait()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ended.value > 0)
  }
}
