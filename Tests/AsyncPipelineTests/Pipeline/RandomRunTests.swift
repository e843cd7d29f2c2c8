import AsyncPipeline
import Testing

/// Runs of all kinds, with yields in all places: none of them may hang, or come out otherwise than the same work done
/// by a loop.
@Suite(.timeLimit(.minutes(5)))
struct RandomRunTests {
  @Test(arguments: 0..<10)
  func runs_come_out_as_a_loop_does(block: Int) async throws {
    for seed in seeds(inBlock: block, of: 40) {
      let run = RandomRun(seed: seed)
      let elements = Log<Int>()
      let report = try await run.pipeline.onFailure(.skip).forEach { elements.append($0) }
      let received = run.keepsOrder ? elements.entries : elements.entries.sorted()
      #expect(received == run.expected, "seed \(seed)")
      #expect(report.skipped + received.count == run.count, "seed \(seed)")
    }
  }

  @Test(arguments: 0..<5)
  func runs_end_when_they_are_cancelled_at_any_moment(block: Int) async {
    for seed in seeds(inBlock: block, of: 40) {
      let run = RandomRun(seed: seed)
      let running = Task { try await run.pipeline.onFailure(.skip).forEach { _ in } }
      for _ in 0..<seed % 97 { await Task.yield() }
      running.cancel()
      let result = await running.result
      #expect(run.atWork.value == 0, "seed \(seed)")
      if case .failure(let error) = result { #expect(error is CancellationError, "seed \(seed)") }
    }
  }

  @Test(arguments: 0..<5)
  func runs_end_with_their_first_failure(block: Int) async {
    for seed in seeds(inBlock: block, of: 40) {
      let run = RandomRun(seed: seed)
      let result = await Result { try await run.pipeline.collect() }
      #expect(run.atWork.value == 0, "seed \(seed)")
      switch result {
      case .success(let elements): #expect(elements.sorted() == Array(0..<run.count), "seed \(seed)")
      case .failure(let error): #expect((error as? PipelineFailure)?.cause is Failure, "seed \(seed)")
      }
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
