import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct FailurePolicyTests {
  private static let failing: @Sendable (Int) throws -> Int = { element in
    if element % 10 == 3 { throw Failure(element: element) }
    return element
  }

  private var concurrent: Pipeline<Int> { Pipeline(0..<1_000).mapAsync(width: 4) { try Self.failing($0) } }
  private var fused: Pipeline<Int> { Pipeline(0..<1_000).filter { _ in true }.map(Self.failing).erased }

  // MARK: The address

  @Test func failure_knows_where_and_what_it_was() async throws {
    let failure = try await failure(of: concurrent.prepareCollect())
    #expect(failure.stage == "mapAsync" && failure.attempt == 1)
    #expect(failure.element.hasSuffix("3"))
    #expect(failure.cause is Failure)
    #expect("\(failure)" == "mapAsync, element \(failure.element): Failure(element: \(failure.element))")
  }

  @Test func failure_of_a_fused_operator_has_its_name() async throws {
    let failure = try await failure(of: fused.mapAsync(width: 2) { $0 }.prepareCollect())
    #expect(failure.stage == "map" && failure.element == "3")
  }

  @Test func failure_of_a_source_has_no_element() async throws {
    let stream = AsyncThrowingStream<Int, any Error> { $0.finish(throwing: Failure(element: 0)) }
    let failure = try await failure(of: Pipeline(stream).onFailure(.skip).prepareCollect())
    #expect(failure.stage == "source" && failure.element.isEmpty)
    #expect("\(failure)" == "source: Failure(element: 0)")
  }

  @Test func failure_of_a_sink_has_its_name() async throws {
    let run = Pipeline(0..<10).onFailure(.skip).prepareForEach { if $0 == 5 { throw Failure(element: $0) } }
    let failure = try await failure(of: run)
    #expect(failure.stage == "forEach" && failure.element == "5")
  }

  @Test func long_descriptions_of_elements_are_clipped() async throws {
    let long = String(repeating: "a", count: 1_000)
    let run = Pipeline([long]).map { (_: String) -> Int in throw Failure(element: 0) }.prepareCollect()
    let element = try await failure(of: run).element
    #expect(element == String(repeating: "a", count: PipelineFailure.elementLimit - 1) + "…")
  }

  // MARK: Collecting

  @Test func collect_keeps_the_failures_in_the_report() async throws {
    for pipeline in [concurrent, fused] {
      let report = try await pipeline.onFailure(.collect(limit: 100)).forEach { _ in }
      #expect(report.failures.compactMap { Int($0.element) }.sorted() == Array(stride(from: 3, to: 1_000, by: 10)))
      #expect(report.failed == 100 && report.skipped == 0)
      report.expectIdentity("")
    }
  }

  @Test(arguments: [0, 1, 99])
  func failure_beyond_the_limit_ends_the_run(limit: Int) async throws {
    for pipeline in [concurrent, fused] {
      let run = pipeline.onFailure(.collect(limit: limit)).prepareForEach { _ in }
      let failure = try await failure(of: run)
      let report = run.run.report
      #expect(report.failures.count == limit)
      #expect(!report.failures.contains(failure))
      report.expectIdentity("")
    }
  }

  // MARK: Routing

  @Test func route_passes_every_failure_to_a_channel() async throws {
    for pipeline in [concurrent, fused] {
      let channel = Channel<PipelineFailure>(capacity: 0)
      async let elements = channel.reduce(into: []) { $0.append($1.element) }
      let report = try await pipeline.onFailure(.route(to: channel)).forEach { _ in }
      channel.finish()
      #expect(await elements.compactMap { Int($0) }.sorted() == Array(stride(from: 3, to: 1_000, by: 10)))
      #expect(report.failed == 100)
      report.expectIdentity("")
    }
  }

  @Test func full_route_suspends_the_stage_that_failed() async throws {
    for order in [OutputOrder<Int>.input(window: 8), .completion] {
      let channel = Channel<PipelineFailure>(capacity: 5)
      let begun = Counter()
      let pipeline = Pipeline(0...).mapAsync(width: 3, order: order) { (element: Int) -> Int in
        begun.add()
        throw Failure(element: element)
      }
      let running = Task { try await pipeline.onFailure(.route(to: channel)).collect() }
      // Five in the channel, and one with each worker.
      #expect(await eventually { begun.value == 8 })
      #expect(await settled(begun, atLeast: 8) == 8)
      running.cancel()
      await #expect(throws: CancellationError.self) { try await running.value }
    }
  }

  @Test func closure_that_refuses_a_failure_ends_the_run_with_it() async throws {
    for pipeline in [concurrent, fused] {
      let run = pipeline.onFailure(.route { _ in throw CancellationError() }).prepareForEach { _ in }
      #expect(try await failure(of: run).cause is Failure)
      run.run.report.expectIdentity("")
    }
  }

  @Test func finished_route_ends_the_run() async throws {
    let channel = Channel<PipelineFailure>(capacity: 5)
    channel.finish()
    for pipeline in [concurrent, fused] {
      #expect(try await failure(of: pipeline.onFailure(.route(to: channel)).prepareCollect()).cause is Failure)
    }
  }

  private struct NoFailure: Error {}

  private func failure<R>(of run: PreparedRun<R>) async throws -> PipelineFailure {
    do { _ = try await run() } catch let failure as PipelineFailure { return failure }
    throw NoFailure()
  }
}
