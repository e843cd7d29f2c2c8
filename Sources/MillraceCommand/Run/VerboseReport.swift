import FilePipeline

extension Diagnostics {
  /// The output of `-v`: the engine, its counters and its plan, and the pipeline's report, which names the bottleneck.
  static func report(_ summary: RunSummary) {
    report(
      summary.run,
      did: "\(Figures.counted(summary.counts.files, "file")), \(Figures.bytes(Int(summary.counts.bytes)))")
  }

  static func report(_ run: EngineRun.Outcome, did what: String) {
    if let fallback = run.fallback { report("io_uring was not used. \(fallback.description)") }
    let statistics = run.statistics
    report(
      "\(run.engine.rawValue): \(what), \(Figures.seconds(run.duration.inSeconds)); "
        + "\(Figures.counted(Int(statistics.ringOperations), "ring operation")) in "
        + "\(Figures.counted(Int(statistics.enters), "enter")), "
        + "\(Figures.counted(Int(statistics.helperOpens), "file")) opened by helper threads")
    report("\(run.engine.rawValue): \(run.plan)")
    for line in "\(run.report)".split(separator: "\n") { report(String(line)) }
  }
}
