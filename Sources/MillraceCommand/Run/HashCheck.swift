import ArgumentParser
import AsyncPipeline
import FilePipeline
import FileStages
import Synchronization

/// Verifies checksums: the lines of manifests are the elements of a pipeline, files are read on the engine's lanes, and
/// the verdicts come in the order of the lines.
struct HashCheck {
  let manifests: [[UInt8]]
  let algorithm: DigestAlgorithm?
  let engine: EngineSource
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
    let tally = CheckTally()
    let start = ContinuousClock.now
    // The threads before the engine, which takes as many as there are.
    let (used, fallback) = try await withThreadExecutor(name: "output") { output in
      try await withThreadExecutor(name: "manifest") { source in
        try await engine.withEngine { engine, fallback in
          try await verify(on: engine, tally, from: source, to: output)
          return (engine, fallback)
        }
      }
    }
    tally.report()
    if output.verbose {
      if let fallback { Diagnostics.report("io_uring was not used. \(fallback.description)") }
      let record = tally.record
      let read = Figures.counted(record.matched + record.mismatched, "file")
      Diagnostics.report(used.kind, used.statistics, ContinuousClock.now - start, did: read)
    }
    if !tally.isGood { throw ExitCode(ExitStatus.someFailed) }
  }

  private func verify(
    on engine: any FileEngine, _ tally: CheckTally, from source: ThreadExecutor, to thread: ThreadExecutor
  ) async throws {
    let (manifests, algorithm) = (manifests, algorithm)
    let meter = ProgressMeter(output.progressStyle)
    let (progress, longPaths) = (meter.counter, LongPathBudget())
    let results = ResultWriter(json: output.json, on: thread)
    do {
      try await meter.running {
        try await Pipeline(on: source) { ManifestLines(manifests, algorithm, tally, longPaths).nextBatch }
          .mapAsync(
            on: engine.workers, order: .input(window: FilePipeline.window),
            open: { FileReader(engine, progress: progress) }
          ) { reader, expectation in (expectation, try await Self.verdict(expectation, reader)) }
          .forEach(on: thread, buffered: FilePipeline.resultBuffer, drainsWhenCancelled: true) {
            expectation, verdict in
            tally.count(verdict)
            try write(verdict, expectation, to: results)
            longPaths.remove(expectation.name.count)
          }
      }
    } catch let failure as PipelineFailure {
      // What ends a check says itself what it is about.
      throw failure.cause
    }
    try results.write { if output.json { try JSONLines().append(tally.record, to: &$0) } }
    try results.flush()
  }

  private static func verdict(_ expectation: Expectation, _ reader: FileReader) async throws -> Verdict {
    var reducer = DigestReducer(expectation.digest.algorithm)
    do throws(FileError) {
      try await reader.read(FileReference(path: expectation.name)) { bytes in
        reducer.update(bytes)
        return .more
      }
    } catch {
      if error.isCancellation { throw CancellationError() }
      if let failure = error.engineFailure { throw failure }
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
