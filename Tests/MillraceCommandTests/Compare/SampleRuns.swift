import Measurement

@testable import FilePipeline
@testable import MillraceCommand

/// A run as a comparison makes them, over 100 files of 20 kB each unless told otherwise.
func run(
  _ engine: FileEngineKind, round: Int, _ duration: Duration, files: Int = 100, failed: Int = 0
) -> Comparison.Run {
  var statistics = FileEngineStatistics()
  statistics.enters = 25
  let report = FileReport(
    files: files, failed: failed, skipped: 0, bytes: Int64(files) * 20_000, duration: duration, engine: engine,
    fallback: nil, statistics: statistics, stages: [])
  return Comparison.Run(
    engine: engine, round: round, report: report, usage: ResourceUsage(cpuSeconds: 0.5, contextSwitches: 1000))
}
