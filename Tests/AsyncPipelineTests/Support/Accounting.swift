import Testing

@testable import AsyncPipeline

/// Expects that every element of a run that has ended is accounted for, in each stage and between them.
func expectAccounted(_ report: PipelineReport, _ location: SourceLocation = #_sourceLocation) {
  report.expectNothingInFlight("", location)
  // A stage may feed several stages, and be fed by several, so only the sums must agree.
  let passedOn = report.stages.filter { !["forEach", "discard"].contains($0.name) }.reduce(0) { $0 + $1.output }
  let received = report.stages.filter { $0.name != "source" }.reduce(0) { $0 + $1.input }
  #expect(passedOn == received, "\(report.stages)", sourceLocation: location)
}

extension PipelineReport {
  /// The number of elements that stages have received and not accounted for yet.
  var elementsInFlight: Int { stages.reduce(0) { $0 + $1.elementsInFlight } }

  fileprivate func expectNothingInFlight(_ comment: Comment, _ location: SourceLocation) {
    for (index, stage) in stages.enumerated() {
      #expect(stage.elementsInFlight == 0, "stage \(index) of \(self), \(comment)", sourceLocation: location)
    }
  }

  /// Expects that every element is accounted for in each stage of a pipeline without branches.
  func expectIdentity(_ comment: Comment, _ location: SourceLocation = #_sourceLocation) {
    expectNothingInFlight(comment, location)
    for (index, (stage, next)) in zip(stages, stages.dropFirst()).enumerated() {
      #expect(stage.output == next.input, "behind stage \(index) of \(self), \(comment)", sourceLocation: location)
    }
  }

  /// The first stage with this name.
  func stage(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> Stage {
    try #require(stages.first { $0.name == name }, sourceLocation: location)
  }
}

extension PipelineReport.Stage {
  var elementsInFlight: Int {
    input + expanded - (output + failed + skipped + filtered + cancelled + combined)
  }
}

extension PipelineProtocol {
  /// Runs the pipeline, and returns the report whether the run succeeds or not.
  func reportOfRun(_ body: @escaping @Sendable (Element) async throws -> Void = { _ in }) async -> PipelineReport {
    let run = prepareForEach(body)
    _ = try? await run()
    return run.run.report
  }
}

/// Expects that an infinite source is asked for exactly this many elements when a stage behind `stages` holds one of
/// them and never finishes it.
func expectAsked(
  _ expected: Int, _ location: SourceLocation = #_sourceLocation,
  _ stages: (Pipeline<Int>) -> some PipelineProtocol
) async throws {
  let (asked, gate) = (Counter(), Gate())
  let pipeline = stages(Pipeline(CountedNumbers(asked: asked))).erased
    .mapAsync(width: 1, order: .input(window: 1)) { _ -> Int in
      await gate.wait()
      throw Failure(element: 0)
    }
  let run = withFullBatches { pipeline.prepareForEach { (_: Int) in } }
  let running = Task { try await run() }
  let settled = await settled(asked, atLeast: expected)
  #expect(settled == expected, sourceLocation: location)
  gate.open()
  await expect(throwing: Failure(element: 0), location) { try await running.value }
  expectAccounted(run.run.report, location)
}

/// Prepares a run whose clock stands still: a batch is flushed when it is full, and never because of its age, however
/// busy the processors are.
func withFullBatches<R>(_ prepare: () throws -> R) rethrows -> R {
  try PipelineClock.$current.withValue(ManualClock(), operation: prepare)
}

/// How many elements a source emits in batches when there is room for `room` elements.
func asked(batch: Int, room: Int) -> Int { (room / batch + 1) * batch }
