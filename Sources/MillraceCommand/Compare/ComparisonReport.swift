import FilePipeline
import Measurement

/// What a comparison is told as: a table and a verdict, or lines of JSON.
struct ComparisonReport {
  private let outcome: Comparison.Outcome
  private let summaries: [EngineSummary]

  init(_ outcome: Comparison.Outcome) {
    self.outcome = outcome
    let baseline = outcome.engines.contains(.blocking) ? .blocking : outcome.engines[0]
    let wall = { kind in outcome.runs.filter { $0.engine == kind }.map { $0.run.duration.inSeconds } }
    let reference = Sample(wall(baseline))!
    summaries = outcome.engines.map { kind in
      EngineSummary(outcome.runs.filter { $0.engine == kind }, baseline: baseline, reference: reference)
    }
  }

  // MARK: Text

  var text: String {
    let counts = outcome.runs[0].counts
    let rounds = outcome.runs.count / outcome.engines.count
    var text = "\(outcome.job.rawValue), \(Figures.counted(counts.files, "file")), "
    text += "\(Figures.bytes(Int(counts.bytes))), \(Figures.counted(rounds, "run")) each, "
    text += "\(outcome.coldMethod.map { "cold: \($0)" } ?? "warm")\n\n"
    text += table.rendered()
    text += "\n\(verdict)\n"
    return text
  }

  private var table: TextTable {
    var table = TextTable(columns: [
      .init("engine"), .init("wall", .right), .init("min–max", .right), .init("× \(summaries[0].baseline)", .right),
      .init("CPU", .right), .init("files/s", .right), .init("MB/s", .right), .init("switches", .right),
      .init("enters/file", .right),
    ])
    for summary in summaries {
      table.addRow([
        summary.engine, Figures.seconds(summary.wall),
        "\(Figures.decimal(summary.wallMinimum, places: 3))–\(Figures.decimal(summary.wallMaximum, places: 3))",
        Figures.decimal(summary.speedup, places: 2), Figures.seconds(summary.cpuSeconds),
        Figures.count(Int(summary.filesPerSecond)), Figures.decimal(summary.megabytesPerSecond, places: 1),
        Figures.grouped(Int(summary.contextSwitches)),
        summary.engine == FileEngineKind.uring.rawValue ? Figures.decimal(summary.entersPerFile, places: 3) : "–",
      ])
    }
    return table
  }

  /// Which engine won; and whether the results are the same.
  private var verdict: String {
    let results =
      outcome.difference == nil
      ? "Results identical on all engines\(outcome.failed > 0 ? ", \(Figures.counted(outcome.failed, "failure")) included" : "")."
      : "RESULTS DIFFER."
    let ranked = summaries.sorted { $0.wall < $1.wall }
    guard ranked.count > 1 else { return results }
    let (first, second) = (ranked[0], ranked[1])
    let lead = Figures.decimal(second.wall / max(first.wall, 1e-9), places: 2)
    if first.wallMaximum >= second.wallMinimum && second.wall < first.wall * Self.drift {
      return "\(results) \(first.engine) and \(second.engine) are too close to call: their runs overlap."
    }
    let won = first.engine == FileEngineKind.blocking.rawValue ? "blocking won" : "\(first.engine) was fastest"
    return "\(results) \(won): \(lead) × as fast as \(second.engine)."
  }

  /// Medians closer than this differ by less than the machine's own drift, if the runs overlap. A guess.
  private static let drift = 1.1

  // MARK: JSON

  func appendJSON(to bytes: inout [UInt8]) throws {
    let lines = JSONLines()
    for run in outcome.runs { try lines.append(RunRecord(run), to: &bytes) }
    for summary in summaries { try lines.append(summary, to: &bytes) }
    try lines.append(Summary(outcome, fastest: summaries.min { $0.wall < $1.wall }!.engine), to: &bytes)
  }

  private struct RunRecord: Encodable {
    let type = "run"
    let engine: String
    let round: Int
    let wallSeconds: Double
    let cpuSeconds: Double
    let contextSwitches: Int
    let enters: UInt64
    let files: Int
    let failed: Int
    let bytes: Int64

    init(_ run: Comparison.Run) {
      engine = run.engine.rawValue
      round = run.round
      wallSeconds = run.run.duration.inSeconds
      cpuSeconds = run.usage.cpuSeconds
      contextSwitches = run.usage.contextSwitches
      enters = run.run.statistics.enters
      (files, failed, bytes) = (run.counts.files, run.counts.failed, run.counts.bytes)
    }
  }

  private struct Summary: Encodable {
    let type = "summary"
    let job: String
    let files: Int
    let failed: Int
    let bytes: Int64
    let cold: String?
    let fastest: String
    let identical: Bool

    init(_ outcome: Comparison.Outcome, fastest: String) {
      let counts = outcome.runs[0].counts
      job = outcome.job.rawValue
      (files, failed, bytes) = (counts.files, counts.failed, counts.bytes)
      cold = outcome.coldMethod
      self.fastest = fastest
      identical = outcome.difference == nil
    }
  }
}
