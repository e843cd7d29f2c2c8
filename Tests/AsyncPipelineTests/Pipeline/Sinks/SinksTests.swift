import Dispatch
import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct SinksTests {
  private let pipelines = [Pipeline(0..<1_000), Pipeline(0..<1_000).mapAsync(width: 3) { $0 }]

  @Test func a_task_started_on_the_executor_runs_when_no_element_is_ready() async throws {
    let (executor, hasRun) = (QueueExecutor(), DispatchSemaphore(value: 0))
    let (handled, seen) = (Counter(), Log<Int>())
    let batches = Pipeline<Int>(on: QueueExecutor()) {
      var round = 0
      return {
        // The source emits the next elements when the task has run.
        if round > 0 { #expect(hasRun.wait(timeout: .now() + 60) == .success) }
        round += 1
        return round > 3 ? nil : Array(0..<10)
      }
    }
    try await batches.forEach(on: executor) { element in
      handled.add()
      if element > 0 { return }
      Task(executorPreference: executor) {
        seen.append(handled.value)
        hasRun.signal()
      }
    }
    #expect(seen.entries == [10, 20, 30])
  }

  @Test func fold_combines_the_elements_one_after_another() async throws {
    for pipeline in pipelines {
      let elements = try await pipeline.fold(into: [-1]) { elements, element in
        // The element of a concurrent call would be lost.
        let before = elements
        await Task.yield()
        elements = before + [element]
      }
      #expect(elements == Array(-1..<1_000))
    }
    #expect(try await Pipeline([Int]()).fold(into: 7) { $0 += $1 } == 7)
  }

  @Test func fold_starts_from_the_initial_value_in_each_run() async throws {
    let pipeline = Pipeline(1...10)
    for _ in 0..<2 { #expect(try await pipeline.fold(into: 0) { $0 += $1 } == 55) }
  }

  @Test func fold_runs_on_the_given_executor() async throws {
    let executor = QueueExecutor()
    let count = try await Pipeline(0..<100).fold(into: 0, on: executor) { count, _ in
      if executor.isCurrent { count += 1 }
    }
    #expect(count == 100)
  }

  @Test func failure_of_the_closure_ends_the_run() async throws {
    for pipeline in pipelines {
      await expect(throwing: Failure(element: 500)) {
        try await pipeline.onFailure(.skip).fold(into: 0) { sum, element in
          if element == 500 { throw Failure(element: element) }
          sum += element
        }
      }
    }
  }

  @Test func count_is_the_number_of_elements_that_arrive() async throws {
    for pipeline in pipelines {
      #expect(try await pipeline.count() == 1_000)
      #expect(try await pipeline.filter { $0 % 3 == 0 }.flatMap { [$0, $0] }.count() == 668)
      let failing = pipeline.map { if $0 % 10 == 0 { throw Failure(element: $0) } else { $0 } }
      #expect(try await failing.onFailure(.skip).count() == 900)
    }
    #expect(try await Pipeline([Int]()).count() == 0)
  }

  @Test func sinks_without_a_task_end_with_the_first_failure() async throws {
    let failing = Pipeline(0...).mapAsync(width: 2) { if $0 == 500 { throw Failure(element: $0) } else { $0 } }
    await expect(throwing: Failure(element: 500)) { try await failing.count() }
    await expect(throwing: Failure(element: 500)) { try await failing.collect() }
  }
}
