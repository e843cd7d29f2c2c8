import Synchronization
import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct PooledWorkersTests {
  /// The resource of one worker.
  final class Resource: Sendable {
    let users = Counter()
    let executor: Int?

    init(executor: Int?) { self.executor = executor }
  }

  @Test func each_worker_runs_on_its_executor_and_has_a_resource_of_its_own() async throws {
    let executors = (0..<3).map { _ in QueueExecutor() }
    let resources = Log<Resource>()
    let pipeline = Pipeline(0..<500).mapAsync(on: executors + executors) {
      let resource = Resource(executor: executors.firstIndex(where: \.isCurrent))
      resources.append(resource)
      return resource
    } _: { resource, element in
      if resource.users.add(1) > 1 { Issue.record("two use one resource") }
      // Each worker waits for the others, so that all of them get elements.
      #expect(await eventually { resources.entries.count == 6 })
      await yieldAtRandom(1, element)
      if executors.firstIndex(where: \.isCurrent) != resource.executor { Issue.record("it is somewhere else now") }
      resource.users.add(-1)
      return element
    }
    #expect(try await pipeline.collect() == Array(0..<500))
    #expect(resources.entries.map { $0.executor ?? -1 }.sorted() == [0, 0, 1, 1, 2, 2])
  }

  @Test func element_that_comes_while_a_worker_is_busy_gets_another_of_the_same_executor() async throws {
    let executor = QueueExecutor()
    let elements = Channel<Int>(capacity: 1)
    let (first, second, go) = (Gate(), Gate(), Gate())
    let run = Task {
      try await Pipeline(elements).mapAsync(on: Array(repeating: executor, count: 4), open: {}) { _, element in
        (element == 0 ? first : second).open()
        await go.wait()
        return element
      }.collect()
    }
    await elements.send(0)
    await first.wait()
    await elements.send(1)
    await second.wait()
    go.open()
    elements.finish()
    #expect(try await run.value == [0, 1])
  }

  @Test func body_runs_on_the_executor_it_was_given() async throws {
    let executor = QueueExecutor()
    try await Pipeline(0..<200).mapAsync(width: 2) { $0 }.forEach(on: executor) { _ in
      if !executor.isCurrent { Issue.record("the body runs elsewhere") }
    }
  }

  @Test func everything_runs_on_one_thread_if_it_was_started_there() async throws {
    let executor = QueueExecutor()
    let elements = try await Task(executorPreference: executor) {
      try await Pipeline(0..<1_000)
        .mapAsync(width: 4) { element in
          if !executor.isCurrent { Issue.record("a worker runs elsewhere") }
          await yieldAtRandom(1, element)
          return element
        }
        .mapAsync(width: 4, order: .completion) { $0 }
        .collect()
    }.value
    #expect(elements.sorted() == Array(0..<1_000))
  }

  @Test func task_without_a_place_of_its_own_begins_where_its_parent_runs() async throws {
    let (parents, own) = (QueueExecutor(), QueueExecutor())
    let places = Log<[Bool]>()
    try await Task(executorPreference: parents) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(on: nil) { places.append([parents.isCurrent, own.isCurrent]) }
        try await group.next()
        group.addTask(on: own) { places.append([parents.isCurrent, own.isCurrent]) }
        try await group.next()
      }
    }.value
    #expect(places.entries == [[true, false], [false, true]])
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func all_workers_of_an_executor_are_at_work_even_if_elements_come_one_by_one(order: OutputOrder<Int>) async throws {
    let source = Channel<Int>(capacity: 1)
    let begun = Counter()
    let executor = QueueExecutor()
    let pipeline = Pipeline(source).mapAsync(on: [executor, executor, executor, executor], order: order, open: {}) {
      begun.add()
      #expect(await eventually { begun.value >= 4 })
      return $1
    }
    async let elements = pipeline.collect()
    for element in 0..<4 {
      await source.send(element)
      // The next element comes when a worker is at work on this one.
      #expect(await eventually { begun.value > element })
    }
    source.finish()
    #expect(try await elements.sorted() == [0, 1, 2, 3])
  }

  @Test(arguments: [1, 2])
  func workers_are_started_as_there_is_work_for_them(executors: Int) async throws {
    let executors = (0..<executors).map { _ in QueueExecutor() }
    for count in [0, 1, 100] {
      let begun = Counter()
      let opened = Counter()
      let report = try await Pipeline(0..<count)
        .mapAsync(on: executors.flatMap { Array(repeating: $0, count: 100) }, open: { opened.add() }) { _, element in
          begun.add()
          // Each gets its element only while all the others are at work.
          #expect(await eventually { begun.value >= count })
          return element
        }
        .forEach { _ in }
      #expect(report.stages[1].tasks >= count)
      if count < 2 { #expect(report.stages[1].tasks <= 8 * executors.count) }
      #expect(opened.value == count)
    }
  }

  @Test(arguments: [4, 16, 64])
  func starting_key_orders_the_start_within_a_quarter_of_the_window(window: Int) async throws {
    let started = Log<Int>()
    let run = withFullBatches {
      Pipeline(0..<256).mapAsync(
        on: [QueueExecutor()], order: .input(window: window), startingKey: { key(of: $0) }, open: {}
      ) { _, element in
        started.append(element)
        return element
      }.prepareCollect()
    }
    #expect(try await run() == Array(0..<256))
    let batch = window / 4
    let expected = stride(from: 0, to: 256, by: batch).flatMap { first in
      (first..<first + batch).sorted { key(of: $0) < key(of: $1) }
    }
    #expect(started.entries == expected)
  }

  @Test(arguments: [1, 2, 3, 10, 64])
  func starting_key_keeps_the_input_order_for_many_workers(window: Int) async throws {
    for seed in 0..<5 {
      let pipeline = Pipeline(0..<300).mapAsync(
        on: (0..<3).map { _ in QueueExecutor() }, order: .input(window: window), startingKey: { key(of: $0) }, open: {}
      ) { _, element in
        await yieldAtRandom(seed, element)
        return element
      }
      #expect(try await pipeline.collect() == Array(0..<300), "seed \(seed)")
    }
  }

  /// Pseudorandom, and different for each element.
  private func key(of element: Int) -> UInt64 {
    var generator = SeededGenerator(seed: element)
    return generator.next()
  }
}
