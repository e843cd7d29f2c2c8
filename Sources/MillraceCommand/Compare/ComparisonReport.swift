import FilePipeline
import Measurement

/// Renders a comparison: a table and a verdict, or lines of JSON.
struct ComparisonReport {
  private let outcome: Comparison.Outcome
  private let summaries: [EngineSummary]

  init(_ outcome: Comparison.Outcome) {
    self.outcome = outcome
    let baseline = outcome.engines.contains(.blocking) ? .blocking : outcome.engines[0]
    let wall = { kind in outcome.runs.filter { $0.engine == kind }.map { $0.run.duration.inSeconds } }
    let reference = Sample(wall(baseline))!
    summaries = outcome.engines.map { kind in
      EngineSummary(
        outcome.runs.filter { $0.engine == kind }, baseline: baseline, reference: reference, writes: outcome.job.writes)
    }
  }

  // MARK: Text

  var text: String {
    let counts = outcome.runs[0].counts
    let rounds = outcome.runs.count / outcome.engines.count
    var text = "\(outcome.job.rawValue), \(Figures.counted(counts.files, "file")), "
    text += "\(Figures.bytes(Int(counts.bytes))), \(Figures.counted(rounds, "run")) each, "
    text += "\(outcome.coldMethod.map { "cold: \($0)" } ?? "warm")\n"
    if let sync = outcome.sync { text += "\(Self.text(sync))\n" }
    text += "\n"
    text += table.rendered()
    text += "\n\(verdict)\n"
    return text
  }

  private static func text(_ sync: WritingOptions.Synchronization) -> String {
    let own = sync == .inside ? "and at its end, inside of the timing" : "the run's own data outside of the timing"
    return "syncfs of the target's file system before each run; \(own)"
  }

  private var table: TextTable {
    var columns: [TextTable.Column] = [
      .init("engine"), .init("wall", .right), .init("min–max", .right), .init("× \(summaries[0].baseline)", .right),
      .init("CPU", .right), .init("files/s", .right), .init("MB/s", .right), .init("switches", .right),
      .init("enters/file", .right),
    ]
    if outcome.job.writes { columns += ["by chain", "by calls", "to device"].map { .init($0, .right) } }
    var table = TextTable(columns: columns)
    for summary in summaries { table.addRow(cells(summary) + (outcome.job.writes ? writingCells(summary) : [])) }
    return table
  }

  private func cells(_ summary: EngineSummary) -> [String] {
    let isRing = summary.engine == FileEngineKind.uring.rawValue
    return [
      summary.engine, Figures.seconds(summary.wall),
      "\(Figures.decimal(summary.wallMinimum, places: 3))–\(Figures.decimal(summary.wallMaximum, places: 3))",
      Figures.decimal(summary.speedup, places: 2), Figures.seconds(summary.cpuSeconds),
      Figures.count(Int(summary.filesPerSecond)), Figures.decimal(summary.megabytesPerSecond, places: 1),
      Figures.grouped(Int(summary.contextSwitches)), isRing ? Figures.decimal(summary.entersPerFile, places: 3) : "–",
    ]
  }

  private func writingCells(_ summary: EngineSummary) -> [String] {
    let count = { (files: Double?) in files.map { Figures.grouped(Int($0)) } ?? "–" }
    return [
      count(summary.filesWrittenByChain), count(summary.filesWrittenByCalls),
      summary.deviceBytes.map { Figures.bytes(Int($0)) } ?? "–",
    ]
  }

  /// Which engine won; and whether the results are the same.
  private var verdict: String {
    let what = outcome.job.writes ? "TREES" : "RESULTS"
    let results = outcome.isIdentical ? "\(identity)\(failures)." : "\(what) DIFFER."
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

  private var identity: String {
    switch outcome.job {
    case .read, .hash, .count: "Results identical on all engines"
    case .copy: "Trees identical on all engines, and to the source"
    case .transform: "Trees identical on all engines"
    }
  }

  private var failures: String {
    outcome.failed > 0 ? ", \(Figures.counted(outcome.failed, "failure")) included" : ""
  }

  /// Medians closer than this differ by less than the machine's own drift, if the runs overlap. A guess.
  private static let drift = 1.1

  // MARK: JSON

  func appendJSON(to bytes: inout [UInt8]) throws {
    let lines = JSONLines()
    for run in outcome.runs { try lines.append(RunRecord(run, writes: outcome.job.writes), to: &bytes) }
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
    /// As in ``EngineSummary``.
    var filesWrittenByChain: UInt64?
    var filesWrittenByCalls: UInt64?
    var deviceBytes: Int64?

    init(_ run: Comparison.Run, writes: Bool) {
      engine = run.engine.rawValue
      round = run.round
      wallSeconds = run.run.duration.inSeconds
      cpuSeconds = run.usage.cpuSeconds
      contextSwitches = run.usage.contextSwitches
      enters = run.run.statistics.enters
      (files, failed, bytes) = (run.counts.files, run.counts.failed, run.counts.bytes)
      deviceBytes = run.deviceBytes
      if writes && run.engine == .uring {
        filesWrittenByChain = run.run.statistics.filesWrittenByChain
        filesWrittenByCalls = run.run.statistics.filesWrittenByCalls
      }
    }
  }

  private struct Summary: Encodable {
    let type = "summary"
    let job: String
    let files: Int
    let failed: Int
    let bytes: Int64
    let cold: String?
    /// Whether writing a run's data to the disk was inside or outside of the timing; nil for a job that writes nothing.
    let sync: String?
    let fastest: String
    let identical: Bool

    init(_ outcome: Comparison.Outcome, fastest: String) {
      let counts = outcome.runs[0].counts
      job = outcome.job.rawValue
      (files, failed, bytes) = (counts.files, counts.failed, counts.bytes)
      (cold, sync) = (outcome.coldMethod, outcome.sync?.rawValue)
      self.fastest = fastest
      identical = outcome.isIdentical
    }
  }
}
