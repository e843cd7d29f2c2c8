import Testing

@testable import AsyncPipeline

/// A resource that is opened, used by one worker, and closed. Not sendable, so that the compiler confines it to its
/// worker.
private final class Connection {
  private let open: Counter
  var isOpen = true
  var uses = 0

  init(_ open: Counter) {
    self.open = open
    open.add()
  }

  func use() {
    #expect(isOpen)
    uses += 1
  }

  func close() {
    #expect(isOpen, "closed twice")
    isOpen = false
    open.add(-1)
  }
}

@Suite(.timeLimit(.minutes(5)))
struct WorkerResourcesTests {
  private let open = Counter()

  private func run(
    _ width: Int, _ order: OutputOrder<Int>, _ body: @escaping @Sendable (Int) async throws -> Void
  ) -> Pipeline<Int> {
    Pipeline(0..<200).mapWithResource(
      width: width, order: order, open: { Connection(open) },
      close: { connection in
        // It may suspend, and is called in a cancelled task too.
        await Task.yield()
        connection.close()
      }
    ) { connection, element in
      connection.use()
      try await body(element)
      connection.use()
      return element
    }
  }

  @Test(arguments: [OutputOrder<Int>.input, .input(window: 3), .completion], [1, 4])
  func each_worker_has_one_and_closes_it(order: OutputOrder<Int>, width: Int) async throws {
    let elements = try await run(width, order) { await yieldAtRandom(1, $0) }.collect()
    #expect(elements.sorted() == Array(0..<200))
    #expect(open.highest == width)
    #expect(open.value == 0)
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion], [1, 4])
  func all_are_closed_after_a_failure(order: OutputOrder<Int>, width: Int) async throws {
    await expect(throwing: Failure(element: 20)) {
      try await run(width, order) { element in
        await yieldAtRandom(2, element)
        if element == 20 { throw Failure(element: element) }
      }.collect()
    }
    #expect(open.value == 0)
    #expect(open.highest >= 1)
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func all_are_closed_when_the_run_is_cancelled_or_wants_no_more(order: OutputOrder<Int>) async throws {
    let atWork = Counter()
    let running = Task {
      try await run(4, order) { _ in
        atWork.add()
        await untilCancelled()
      }.collect()
    }
    #expect(await eventually { atWork.value == 4 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    #expect(open.value == 0)
    #expect(try await run(4, order) { _ in }.prefix(10).collect().count == 10)
    #expect(open.value == 0)
  }

  @Test func one_that_cannot_be_opened_ends_the_run_whatever_the_policy() async throws {
    let asked = Counter()
    let prepared = Pipeline(0..<200).mapWithResource(width: 3) {
      if asked.add() == 2 { throw Failure(element: -1) }
      return Connection(open)
    } close: {
      $0.close()
    } _: { _, element in
      await untilCancelled()
      return element
    }.onFailure(.skip).prepareForEach { _ in }
    let failure = await #expect(throws: PipelineFailure.self) { try await prepared() }
    #expect(failure?.cause as? Failure == Failure(element: -1))
    #expect(failure?.stage == "mapWithResource")
    #expect(open.value == 0)
    prepared.run.report.expectIdentity("not opened")
  }

  @Test func element_is_tried_again_with_the_same_one() async throws {
    let opened = Counter()
    let uses = try await Pipeline(0..<1).mapWithResource(width: 1, retry: .retry(max: 3)) {
      opened.add()
      return Connection(open)
    } close: {
      $0.close()
    } _: { connection, element in
      connection.use()
      if connection.uses < 4 { throw Failure(element: element) }
      return connection.uses
    }.collect()
    #expect(uses == [4])
    #expect(opened.value == 1)
    #expect(open.value == 0)
  }

  @Test func failure_counts_while_its_worker_closes_and_others_have_enough() async {
    let (failed, enough) = (Gate(), Gate())
    let pipeline = Pipeline(0..<10).mapWithResource(
      width: 2, readAhead: 0, order: .completion, open: { Counter() },
      close: { failures in
        if failures.value == 0 { return }
        failed.open()
        await enough.wait()
      },
      { failures, element in
        if element == 0 {
          failures.add()
          throw Failure(element: 0)
        }
        await failed.wait()
        return element
      })
    await expect(throwing: Failure(element: 0)) {
      try await pipeline.prefix(3).forEach { if $0 == 3 { enough.open() } }
    }
  }
}
