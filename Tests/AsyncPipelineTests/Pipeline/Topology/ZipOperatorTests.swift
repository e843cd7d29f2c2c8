import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ZipOperatorTests {
  @Test(arguments: [0, 1, 31, 32, 33, 1_000], [0, 1, 64, 999, 1_000])
  func zip_pairs_until_one_pipeline_ends(left: Int, right: Int) async throws {
    let report = Log<PipelineReport>()
    let pairs = Log<[Int]>()
    report.append(
      try await Pipeline(0..<left).zip(with: Pipeline(0..<right).mapAsync(width: 2) { -$0 })
        .forEach { pairs.append([$0.0, $0.1]) })
    #expect(pairs.entries == (0..<min(left, right)).map { [$0, -$0] })
    expectAccounted(report.entries[0])
    #expect(try report.entries[0].stage("zip").combined == min(left, right))
  }

  @Test func zip_with_a_short_pipeline_ends_an_infinite_one() async throws {
    for waiting in [Pipeline(0...), Pipeline(Channel<Int>())] {
      #expect(try await waiting.zip(with: Pipeline(0..<0)).count() == 0)
      #expect(try await Pipeline(0..<0).zip(with: waiting).count() == 0)
    }
    #expect(try await Pipeline(0...).zip(with: Pipeline(0..<300)).count() == 300)
    #expect(try await Pipeline(0..<300).zip(with: Pipeline(0...)).count() == 300)
  }

  @Test func pair_is_emitted_when_both_elements_have_arrived() async throws {
    let (left, right, seen) = (Channel<Int>(), Channel<String>(), Channel<String>())
    let running = Task {
      try await Pipeline(left).zip(with: Pipeline(right)).forEach { await seen.send("\($0.0)\($0.1)") }
    }
    for (number, letter) in Swift.zip(0..., ["a", "b", "c"]) {
      await left.send(number)
      await right.send(letter)
      #expect(await seen.next() == "\(number)\(letter)")
    }
    left.finish()
    expectAccounted(try await running.value)
  }

  @Test func sources_stop_before_a_zip() async throws {
    // Each side holds 64 elements, including those that are being paired.
    try await expectAsked(2 * asked(batch: 32, room: 64)) { $0.zip(with: $0) }
  }

  @Test func fast_side_stops_when_the_other_emits_no_element() async throws {
    let (asked, other) = (Counter(), Channel<Int>())
    let run = withFullBatches {
      Pipeline(CountedNumbers(asked: asked)).zip(with: Pipeline(other)).prepareForEach { _ in }
    }
    let running = Task { try await run() }
    #expect(await eventually { asked.value >= 96 })
    #expect(await settled(asked, atLeast: 96) == 96)
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    expectAccounted(run.run.report)
    // All but those that the source had not passed on.
    #expect(try run.run.report.stage("zip").cancelled == 96)
  }

  @Test func failure_of_either_pipeline_ends_the_run() async throws {
    let failing = Pipeline(0...).map { if $0 == 100 { throw Failure(element: $0) } else { $0 } }
    await expect(throwing: Failure(element: 100)) { try await failing.zip(with: Pipeline(0...)).count() }
    await expect(throwing: Failure(element: 100)) { try await Pipeline(0...).zip(with: failing).count() }
    await expect(throwing: Failure(element: 100)) {
      try await Pipeline(0...).zip(with: Pipeline(0...)).map { if $0.0 == 100 { throw Failure(element: $0.1) } }.count()
    }
  }

  @Test func elements_that_did_not_fail_are_paired() async throws {
    let report = try await Pipeline(0..<100).map { if $0 % 2 == 0 { throw Failure(element: $0) } else { $0 } }
      .onFailure(.skip).zip(with: Pipeline(0..<50)).forEach { #expect($0.0 == 2 * $0.1 + 1) }
    #expect(report.stages.last?.output == 50)
    expectAccounted(report)
  }
}
