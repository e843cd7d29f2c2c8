import FilePipeline
import FileStages
import Measurement
import Synchronization

/// One job through several engines, in turn, round after round.
struct Comparison {
  let job: CompareJob
  let engines: [FileEngineKind]
  let rounds: Int
  /// Nil to leave the caches warm.
  let cold: ColdCaches?
  let tuning: EngineTuningOptions
  let source: SourceOptions

  struct Run: Sendable {
    let engine: FileEngineKind
    let round: Int
    let run: EngineRun.Outcome
    let counts: FileTally.Counts
    let usage: ResourceUsage
  }

  struct Outcome: Sendable {
    let job: CompareJob
    let engines: [FileEngineKind]
    let coldMethod: String?
    let runs: [Run]
    let difference: ResultDifference?

    /// Files that could not be read, in each run.
    var failed: Int { runs.first?.counts.failed ?? 0 }
  }

  /// - Throws: ``FileEngineUnavailable``, and what ends a run.
  func run() async throws -> Outcome {
    var runs: [Run] = []
    var verifier = ResultVerifier()
    // Round 0 is not counted: it fills the caches.
    for round in (cold == nil ? 0 : 1)...rounds {
      for engine in engines {
        try await cold?.empty()
        let run = try await runOnce(engine, round, &verifier)
        if round > 0 { runs.append(run) }
      }
    }
    return Outcome(
      job: job, engines: engines, coldMethod: cold?.method, runs: runs, difference: verifier.difference)
  }

  private func runOnce(_ kind: FileEngineKind, _ round: Int, _ verifier: inout ResultVerifier) async throws -> Run {
    let choice: FileEngineChoice =
      switch kind {
      case .uring: .uring
      case .threads: .threads
      case .blocking: .blocking
      }
    let longPaths = LongPathBudget()
    let files = try source.makeSource(longPaths)
    let (pass, tally) = (verifier.pass(by: kind), FileTally())
    let before = ResourceUsage.now
    let run = try await EngineRun(.choice(choice, tuning.configuration())).run { engine in
      let files = FilePipeline(files, engine: .engine(engine))
      return switch job {
      case .read: try await check(files.reduce { NothingReducer() }, pass, tally, longPaths)
      case .hash: try await check(files.reduce { DigestReducer(.sha256) }, pass, tally, longPaths)
      case .count: try await check(files.reduce { CountReducer() }, pass, tally, longPaths)
      }
    }
    let usage = ResourceUsage.now - before
    verifier.finish(pass)
    return Run(engine: kind, round: round, run: run, counts: tally.counts, usage: usage)
  }

  private func check<Output: Hashable>(
    _ results: Pipeline<FileResult<Output>>, _ pass: ResultVerifier.Pass, _ tally: FileTally,
    _ longPaths: LongPathBudget
  ) async throws -> PipelineReport {
    try await results.forEach { result in
      pass.check(result)
      tally.add(result)
      longPaths.remove(result.file.pathCount)
      // Failures are results: in the other runs they are the same ones, or the verifier says so.
      if pass.isFirst, case .failure(let error) = result.outcome { Diagnostics.report(error) }
    }
  }
}
