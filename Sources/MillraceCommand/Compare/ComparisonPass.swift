import FilePipeline
import FileStages

/// One run of a comparison: the job through one engine.
struct ComparisonPass {
  let verification: ResultVerifier.Pass
  private let comparison: Comparison
  private let planned: ComparedRun
  private let tally = FileTally(FileCounts())
  private let longPaths = LongPathBudget()

  init(_ comparison: Comparison, _ planned: ComparedRun, _ verification: ResultVerifier.Pass) {
    (self.comparison, self.planned, self.verification) = (comparison, planned, verification)
  }

  var counts: FileCounts { tally.counts }

  func run(_ engine: any FileEngine) async throws -> PipelineReport {
    if let writing = comparison.writing { return try await write(writing, engine) }
    let files = FilePipeline(try comparison.source.makeSource(longPaths), engine: .engine(engine))
    return switch comparison.job {
    case .hash: try await check(files.reduce { DigestReducer(.sha256) })
    case .count: try await check(files.reduce { CountReducer() })
    case .read, .copy, .transform: try await check(files.reduce { NothingReducer() })
    }
  }

  private func check<Output: Hashable>(_ results: Pipeline<FileResult<Output>>) async throws -> PipelineReport {
    try await results.forEach { [verification, tally, longPaths] result in
      verification.check(result)
      tally.add(result)
      longPaths.remove(result.file.pathCount)
      // Failures are results too: the verifier reports where another run differs.
      if verification.isFirst, case .failure(let error) = result.outcome { Diagnostics.report(error) }
    }
  }

  // MARK: Writing

  private func write(_ writing: ComparisonWriting, _ engine: any FileEngine) async throws -> PipelineReport {
    let tree = FilePath(bytes: writing.folder.path(of: planned))
    let (roots, source) = (writing.trees.roots, EngineSource.engine(engine))
    if comparison.job == .copy {
      let files = FilePipeline(.walk(roots, .copying), engine: source)
      return try await check(files.copy(to: tree, naming: writing.trees.name), writing.failed) { $0.kind }
    }
    let files = FilePipeline(.walk(roots), engine: source).transform { UppercaseASCII() }
    return try await check(files.write(to: tree, naming: writing.trees.name), writing.failed) { _ in .regular }
  }

  /// - Parameters:
  ///   - failed: receives the entries that fail in the first run.
  ///   - kind: the kind of the file that was written. The trees are compared for the rest.
  private func check<Output>(
    _ results: Pipeline<FileResult<Output>>, _ failed: FailedEntries,
    _ kind: @escaping @Sendable (Output) -> FileStatus.Kind
  ) async throws -> PipelineReport {
    try await results.forEach { [verification, tally] result in
      let path = result.pathBytes
      let outcome = result.outcome.map(kind)
      verification.check(path, outcome)
      switch outcome {
      // Directories and links do not count as files.
      case .success(let kind): if kind == .regular { tally.add(result) }
      case .failure(let error):
        tally.add(result)
        if verification.isFirst {
          failed.insert(path)
          Diagnostics.report(error)
        }
      }
    }
  }
}
