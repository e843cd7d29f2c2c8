import Measurement

@testable import AsyncPipeline
@testable import FilePipeline
@testable import MillraceCommand

/// A run of a comparison, by default over 100 files of 20 kB each.
func run(
  _ engine: FileEngineKind, round: Int, _ duration: Duration, files: Int = 100, failed: Int = 0,
  deviceBytes: Int64? = nil
) -> Comparison.Run {
  var statistics = FileEngineStatistics()
  statistics.enters = 25
  (statistics.filesWrittenByChain, statistics.filesWrittenByCalls) = (90, 10)
  let outcome = EngineRun.Outcome(
    engine: engine, plan: EnginePlan(), fallback: nil, statistics: statistics,
    report: PipelineReport(stages: [], durationNanoseconds: 0, failures: []), duration: duration)
  let counts = FileCounts(files: files, failed: failed, bytes: Int64(files) * 20_000)
  return Comparison.Run(
    engine: engine, round: round, run: outcome, counts: counts,
    usage: ResourceUsage(cpuSeconds: 0.5, contextSwitches: 1000), deviceBytes: deviceBytes)
}
