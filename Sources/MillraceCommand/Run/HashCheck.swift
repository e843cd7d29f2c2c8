import ArgumentParser
import AsyncPipeline
import FilePipeline
import FileStages
import Synchronization

/// Verifies checksums: the lines of manifests are the elements of a pipeline, files are read on the engine's lanes, and the
/// verdicts come in the order of the lines.
struct HashCheck {
  let manifests: [[UInt8]]
  let algorithm: DigestAlgorithm?
  let engine: EngineOptions
  let output: OutputOptions

  /// A line of a manifest that names a file.
  struct Expectation: Sendable {
    let name: [UInt8]
    let digest: Digest
  }

  enum Verdict: Sendable {
    case matched, mismatched
    case unreadable(FileError)
  }

  /// - Throws: `ExitCode(1)` if anything did not match, could not be read, or was no checksum line.
  func run() async throws {
    let files = try manifests.map { try InputFile($0) }
    let (made, fallback) = try engine.engine.makeEngine(engine.tuning.configuration)
    if output.verbose, let fallback { Diagnostics.report("io_uring was not used. \(fallback.description)") }
    let tally = CheckTally()
    let start = ContinuousClock.now
    do {
      try await verify(files, on: made, tally)
      await made.shutDown()
    } catch {
      await made.shutDown()
      throw error
    }
    tally.report()
    if output.verbose {
      let record = tally.record
      let read = Figures.counted(record.matched + record.mismatched, "file")
      Diagnostics.report(made.kind, made.statistics, ContinuousClock.now - start, did: read)
    }
    if !tally.isGood { throw ExitCode(ExitStatus.someFailed) }
  }

  private func verify(_ files: [InputFile], on engine: any FileEngine, _ tally: CheckTally) async throws {
    let algorithm = algorithm
    let results = ResultWriter(json: output.json)
    try await OutputThread.with { thread in
      let source = try ThreadExecutor(name: "manifest")
      do {
        try await Pipeline(on: source) { ManifestLines(files, algorithm, tally).nextBatch }
          .mapAsync(on: engine.workers, order: .input(window: FilePipeline.window), open: { FileReader(engine) }) {
            reader, expectation in (expectation, try await Self.verdict(expectation, reader))
          }
          .forEach(on: thread) { expectation, verdict in
            tally.count(verdict)
            try write(verdict, expectation, to: results)
          }
        await source.shutDown()
      } catch {
        await source.shutDown()
        // What ends a check says itself what it is about.
        throw (error as? PipelineFailure)?.cause ?? error
      }
      try results.write { if output.json { try JSONLines().append(tally.record, to: &$0) } }
      try results.flush()
    }
  }

  private static func verdict(_ expectation: Expectation, _ reader: FileReader) async throws -> Verdict {
    var reducer = DigestReducer(expectation.digest.algorithm)
    do throws(FileError) {
      try await reader.read(FileReference(path: expectation.name)) { reducer.update($0) }
    } catch {
      if error.isCancellation { throw CancellationError() }
      return .unreadable(error)
    }
    return reducer.finish() == expectation.digest ? .matched : .mismatched
  }

  // MARK: Printing

  private struct VerdictRecord: Encodable {
    let type = "check"
    let ok: Bool
    let error: String?
  }

  private func write(_ verdict: Verdict, _ expectation: Expectation, to results: ResultWriter) throws {
    if case .unreadable(let error) = verdict { Diagnostics.report(error) }
    if case .matched = verdict, output.quiet { return }
    try results.write { bytes in
      if output.json {
        var (ok, reason): (Bool, String?) = (false, nil)
        if case .matched = verdict { ok = true }
        if case .unreadable(let error) = verdict { reason = error.reason }
        try JSONLines().append(VerdictRecord(ok: ok, error: reason), path: expectation.name, to: &bytes)
        return
      }
      NameEscaping.appendStatusName(expectation.name, to: &bytes)
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
