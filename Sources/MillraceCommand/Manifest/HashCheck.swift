import ArgumentParser
import FilePipeline
import FileStages

/// Verifies checksums: the entries of manifests are the elements of a pipeline, files are read by the engine, and the
/// verdicts come in the order of the lines.
struct HashCheck {
  let manifests: [[UInt8]]
  let algorithm: DigestAlgorithm?
  let engine: EngineSource
  let output: OutputOptions

  enum Verdict: Sendable {
    case matched, mismatched
    case unreadable(FileError)

    init(_ outcome: Result<Digest, FileError>, _ entry: ManifestEntry) {
      switch outcome {
      case .success(let digest): self = digest == entry.digest ? .matched : .mismatched
      case .failure(let error): self = .unreadable(error)
      }
    }
  }

  /// - Throws: `ExitCode(1)` if anything did not match, could not be read, or was no checksum line.
  func run() async throws {
    let tally = CheckTally(CheckCounts())
    // The threads are started before the engine, which takes as many as the system has left.
    let done = try await withThreadExecutor(name: "output") { output in
      try await withThreadExecutor(name: "manifest") { source in
        try await EngineRun(engine).run { engine in try await verify(on: engine, tally, from: source, to: output) }
      }
    }
    let counts = tally.counts
    counts.report()
    if output.verbose {
      Diagnostics.report(done, did: Figures.counted(counts.matched + counts.mismatched, "file"))
    }
    if !counts.areGood { throw ExitCode(ExitStatus.someFailed) }
  }

  private func verify(
    on engine: any FileEngine, _ tally: CheckTally, from source: ThreadExecutor, to thread: ThreadExecutor
  ) async throws -> PipelineReport {
    let (manifests, algorithm) = (manifests, algorithm)
    let longPaths = LongPathBudget()
    let results = ResultWriter(json: output.json, on: thread)
    let checks = Pipeline(on: source) { ManifestLines(manifests, algorithm, tally, longPaths).nextBatch }
      .reduceFiles(
        at: { FileReference(path: $0.name) }, engine: .engine(engine), window: FilePipeline.window
      ) { DigestReducer($0.digest.algorithm) }
    let report = try await ProgressMeter(output.progressStyle).run(checks, on: thread) { entry, file in
      let verdict = Verdict(file.outcome, entry)
      tally.update { $0.add(verdict) }
      try write(verdict, entry.name, to: results)
      longPaths.remove(entry.name.count)
    }
    try results.write { if output.json { try JSONLines().append(tally.counts, to: &$0) } }
    try results.flush()
    return report
  }

  // MARK: Printing

  private struct VerdictRecord: Encodable {
    let type = "check"
    let ok: Bool
    let error: String?
  }

  private func write(_ verdict: Verdict, _ name: [UInt8], to results: ResultWriter) throws {
    if case .unreadable(let error) = verdict { Diagnostics.report(error) }
    if case .matched = verdict, output.quiet { return }
    try results.write { bytes in
      if output.json {
        var (ok, reason): (Bool, String?) = (false, nil)
        if case .matched = verdict { ok = true }
        if case .unreadable(let error) = verdict { reason = error.reason }
        try JSONLines().append(VerdictRecord(ok: ok, error: reason), path: name, to: &bytes)
        return
      }
      NameEscaping.appendStatusName(name, to: &bytes)
      bytes.append(contentsOf: ": \(verdict.word)\n".utf8)
    }
  }
}

extension HashCheck.Verdict {
  /// As `sha256sum -c` has it.
  fileprivate var word: String {
    switch self {
    case .matched: "OK"
    case .mismatched: "FAILED"
    case .unreadable: "FAILED open or read"
    }
  }
}
