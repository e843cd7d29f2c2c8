import FilePipeline

/// Counts the files of a run by their results.
typealias FileTally = Tally<FileCounts>

struct FileCounts: Sendable, Equatable {
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

/// The outcome of a run, as a subcommand reports it at the end.
struct RunSummary: Sendable {
  let run: EngineRun.Outcome
  let counts: FileCounts

  init(_ run: EngineRun.Outcome, _ counts: FileCounts) {
    (self.run, self.counts) = (run, counts)
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
