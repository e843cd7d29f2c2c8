import ArgumentParser
import FilePipeline
import FileStages
import SystemPackage

/// One copy: what went wrong to standard error, what was or would be done to standard output, then a summary.
struct CopyRun {
  let layout: CopyLayout
  let options: CopyOptions
  let engine: EngineSource
  let output: OutputOptions

  /// - Throws: `ExitCode(1)` if a file failed, or an attribute of one was refused, after all others were copied; what
  ///   ends the run.
  func run() async throws {
    try await run { _, files in
      files.copy(to: layout.target, naming: layout.name, options: options)
    } ending: { _, _ in
    } record: { _ in
    }
  }

  /// The same, with a manifest of what was read, which gets its name when all is copied.
  func run(writing manifest: [UInt8]) async throws {
    let lines = CopyManifest(manifest)
    try await run { engine, files in
      lines.start(engine)
      return files.copy(
        to: layout.target, naming: layout.name, options: options, reducing: { DigestReducer(.sha256) })
    } ending: { _, isComplete in
      try await lines.end(isComplete: isComplete)
    } record: { copied in
      if let digest = copied.output { await lines.append(copied.target.bytes, digest) }
    }
  }

  /// - Parameters:
  ///   - make: makes the pipeline on an engine.
  ///   - ending: called when the pipeline has ended, and told whether it came to its end.
  ///   - record: gets what was done.
  private func run<Output: Sendable>(
    _ make: (any FileEngine, FilePipeline) -> Pipeline<FileResult<CopiedFile<Output>>>,
    ending: (any FileEngine, Bool) async throws -> Void,
    record: @escaping @Sendable (CopiedFile<Output>) async throws -> Void
  ) async throws {
    let tally = CopyTally()
    let done = try await withThreadExecutor(name: "output") { thread in
      let results = ResultWriter(json: output.json, on: thread)
      let done = try await EngineRun(engine).run { engine in
        let files = FilePipeline(.walk(layout.roots, .copying), engine: .engine(engine))
        do {
          let report = try await ProgressMeter(output.progressStyle).run(make(engine, files), on: thread) { result in
            try take(result, tally, results)
            if let copied = try? result.value { try await record(copied) }
          }
          try await ending(engine, true)
          return report
        } catch {
          try? await ending(engine, false)
          throw error
        }
      }
      try results.write { try append(done, tally.counts, to: &$0) }
      try results.flush()
      return done
    }
    if output.verbose { Diagnostics.report(done, did: Self.text(tally.counts)) }
    if let refused = tally.refused { Self.report(refused, files: tally.counts.incomplete) }
    if tally.counts.failed > 0 || tally.counts.incomplete > 0 { throw ExitCode(ExitStatus.someFailed) }
  }

  /// One line for all files: on a file system without owners it is all of them.
  private static func report(_ refused: CopyTally.Refused, files: Int) {
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
      tally.add(copied)
      try results.write { try append(copied, from: result.pathBytes, to: &$0) }
    case .failure(let error) where error.cause == .excluded:
      // Of all that is in it, one line.
      if tally.addSkipped() && !output.quiet {
        Diagnostics.report(path: error.path, message: "skipped: the target is not copied into itself")
      }
    case .failure(let error):
      tally.addFailure()
      try results.write(error)
    }
  }

  private func append<Output>(_ copied: CopiedFile<Output>, from source: [UInt8], to bytes: inout [UInt8]) throws {
    if output.quiet || copied.action == .unchanged && copied.notKept.isEmpty { return }
    if output.json {
      try JSONLines().append(CopyRecord(copied), path: source, to: &bytes)
    } else if options.isDryRun && copied.action != .unchanged {
      QuotedName.append(copied.target.bytes, to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private func append(_ done: EngineRun.Outcome, _ counts: CopyTally.Counts, to bytes: inout [UInt8]) throws {
    if output.json { return try JSONLines().append(CopySummaryRecord(done, counts), to: &bytes) }
    if output.quiet || options.isDryRun { return }
    let seconds = Figures.seconds(done.duration.inSeconds)
    bytes.append(contentsOf: "\(Self.text(counts)), in \(seconds) (\(done.engine.rawValue))\n".utf8)
  }

  /// Files, directories and links are counted together.
  private static func text(_ counts: CopyTally.Counts) -> String {
    "\(Figures.count(counts.done)) copied, \(Figures.count(counts.unchanged)) unchanged, "
      + "\(Figures.bytes(Int(clamping: counts.bytes)))"
  }
}

/// What `--json` tells of a file that was written.
private struct CopyRecord: Encodable {
  let type = "file"
  let target: String
  let action: String
  let bytes: Int64
  /// Nil if all was kept.
  let notKept: [String]?
  let sha256: String?

  init<Output>(_ copied: CopiedFile<Output>) {
    target = copied.target.string
    action = "\(copied.action)"
    bytes = copied.byteCount
    notKept = copied.notKept.isEmpty ? nil : copied.notKept.names
    sha256 = (copied.output as? Digest)?.description
  }
}
