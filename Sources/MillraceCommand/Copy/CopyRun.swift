import ArgumentParser
import FilePipeline
import FileStages
import SystemPackage

/// One copy: failures go to standard error, results to standard output, then a summary.
struct CopyRun {
  let layout: CopyLayout
  let options: CopyOptions
  let engine: EngineSource
  let output: OutputOptions
  /// The path of the manifest to write; the file gets its name when the copy is complete.
  var manifest: [UInt8]?
  /// The engine that reads the copies again for `--verify`; nil without it.
  var verifier: EngineSource?

  /// - Throws: `ExitCode(1)` if a file failed, or an attribute of one was refused, after all others were copied; what
  ///   ends the run.
  func run() async throws {
    if manifest == nil && verifier == nil {
      return try await run { _, files in
        files.copy(to: layout.target, naming: layout.naming, options: options)
      } ending: { _ in
      } record: { _ in
      }
    }
    let (lines, algorithm) = (manifest.map(CopyManifest.init), algorithm)
    try await run { engine, files in
      lines?.start(engine)
      let copies = files.copy(
        to: layout.target, naming: layout.naming, options: options, reducing: { DigestReducer(algorithm) })
      return verifier.map { copies.verify(in: layout.target, engine: $0) { DigestReducer(algorithm) } } ?? copies
    } ending: { isComplete in
      try await lines?.end(isComplete: isComplete)
    } record: { copied in
      if let digest = copied.output { await lines?.append(copied.target.bytes, digest) }
    }
  }

  /// For `--verify` alone the digest need not be collision-resistant.
  private var algorithm: DigestAlgorithm {
    manifest == nil && DigestAlgorithm.xxh3.isAvailable ? .xxh3 : .sha256
  }

  /// - Parameters:
  ///   - make: makes the pipeline on an engine.
  ///   - ending: called when the pipeline has ended, with whether it was complete.
  ///   - record: called with each file that was copied or found unchanged.
  private func run<Output: Sendable>(
    _ make: (any FileEngine, Pipeline<FileEntry>) -> Pipeline<FileResult<CopiedFile<Output>>>,
    ending: (Bool) async throws -> Void,
    record: @escaping @Sendable (CopiedFile<Output>) async throws -> Void
  ) async throws {
    let tally = CopyTally(CopyCounts())
    let goal = output.progressStyle == .none ? nil : ProgressGoal()
    let done = try await withThreadExecutor(name: "output") { thread in
      let results = ResultWriter(json: output.json, on: thread)
      let done = try await EngineRun(engine).run { engine in
        let files = FilePipeline(.walk(layout.roots, .copying), engine: .engine(engine))
        do {
          let entries = goal?.counting(files) ?? files.erased
          let copies = make(engine, entries)
          let report = try await ProgressMeter(output.progressStyle, goal).run(copies, on: thread) { result in
            goal?.subtract(result.file.regularSize - result.byteCount)
            try take(result, tally, results)
            if let copied = try? result.value { try await record(copied) }
          }
          try await ending(true)
          return report
        } catch {
          try? await ending(false)
          throw error
        }
      }
      try results.write { try append(done, tally.counts, to: &$0) }
      try results.flush()
      return done
    }
    if output.verbose { Diagnostics.report(done, did: Self.text(tally.counts)) }
    for repeated in tally.counts.repeated { Self.report(repeated) }
    if let refused = tally.counts.refused { Self.report(refused, files: tally.counts.incomplete) }
    if tally.counts.failed > 0 || tally.counts.incomplete > 0 { throw ExitCode(ExitStatus.someFailed) }
  }

  private static func report(_ repeated: CopyCounts.Repeated) {
    let others = repeated.others > 0 ? ", and \(Figures.count(repeated.others)) more" : ""
    let error = repeated.first
    Diagnostics.report(path: error.path, operation: error.operation.rawValue, message: error.reason + others)
  }

  /// One line for all files: a file system without owners refuses them for every file.
  private static func report(_ refused: CopyCounts.Refused, files: Int) {
    let others = files > 1 ? ", nor for \(Figures.count(files - 1)) more" : ""
    Diagnostics.report(
      path: refused.path, operation: FileError.Operation.attributes.rawValue,
      message: "\(refused.attributes.names.joined(separator: ", ")) not permitted here\(others)")
  }

  // MARK: Results

  private func take<Output>(
    _ result: FileResult<CopiedFile<Output>>, _ tally: CopyTally, _ results: ResultWriter
  ) throws {
    switch result.outcome {
    case .success(let copied):
      tally.update { $0.add(copied) }
      if isReported(copied) { try results.write { try append(copied, from: result.pathBytes, to: &$0) } }
    case .failure(let error) where error.cause == .excluded:
      // One line for the directory and all its contents.
      let skipped = tally.update { counts in
        counts.skipped += 1
        return counts.skipped
      }
      if skipped == 1 && !output.quiet {
        Diagnostics.report(path: error.path, message: "skipped: the target is not copied into itself")
      }
    case .failure(let error):
      if tally.update({ $0.add(error) }) { Diagnostics.report(error) }
      try results.record(error)
    }
  }

  private func isReported<Output>(_ copied: CopiedFile<Output>) -> Bool {
    if output.quiet || copied.action == .unchanged && copied.notKept.isEmpty { return false }
    return output.json || options.isDryRun
  }

  private func append<Output>(_ copied: CopiedFile<Output>, from source: [UInt8], to bytes: inout [UInt8]) throws {
    if output.json {
      try JSONLines().append(CopyRecord(copied), path: source, to: &bytes)
    } else if copied.action != .unchanged {
      QuotedName.append(copied.target.bytes, to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private func append(_ done: EngineRun.Outcome, _ counts: CopyCounts, to bytes: inout [UInt8]) throws {
    if output.json { return try JSONLines().append(CopySummaryRecord(done, counts), to: &bytes) }
    if output.quiet || options.isDryRun { return }
    let seconds = Figures.seconds(done.duration.inSeconds)
    bytes.append(contentsOf: "\(Self.text(counts)), in \(seconds) (\(done.engine.rawValue))\n".utf8)
  }

  /// Files, directories and links are counted together.
  private static func text(_ counts: CopyCounts) -> String {
    "\(Figures.count(counts.done)) copied, \(Figures.count(counts.unchanged)) unchanged, "
      + "\(Figures.bytes(Int(clamping: counts.bytes)))"
  }
}
