import FilePipeline

/// What became of the files of a run.
typealias FileTally = Tally<FileCounts>

struct FileCounts: TallyCounts, Equatable {
  /// Files that were read.
  var files = 0
  /// Files and directories that could not be read.
  var failed = 0
  /// Files that the run was told to skip.
  var skipped = 0
  /// Of the files that were read.
  var bytes: Int64 = 0
}

extension FileTally {
  func add<Output>(_ result: FileResult<Output>) {
    update { counts in
      switch result.outcome {
      case .success:
        counts.files += 1
        counts.bytes += result.byteCount
      case .failure(let error) where error.cause == .excluded: counts.skipped += 1
      case .failure: counts.failed += 1
      }
    }
  }
}

/// What a subcommand tells at the end.
struct RunSummary: Sendable {
  let run: EngineRun.Outcome
  let counts: FileTally.Counts

  init(_ run: EngineRun.Outcome, _ counts: FileTally.Counts) {
    (self.run, self.counts) = (run, counts)
  }
}

extension Diagnostics {
  /// What `-v` tells: the engine and what it did, and the pipeline's report, which names the bottleneck.
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
    for line in "\(run.report)".split(separator: "\n") { report(String(line)) }
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
