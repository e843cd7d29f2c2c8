import ArgumentParser
import FilePipeline
import SystemPackage

/// One pass over files for a subcommand: results to standard output, failures to standard error, then a summary.
struct FileRun {
  let source: FileSource
  let engine: EngineSource
  let output: OutputOptions
  private let longPaths = LongPathBudget()

  init(_ source: SourceOptions, _ engine: EngineSource, _ output: OutputOptions) throws {
    self.source = try source.makeSource(longPaths)
    self.engine = engine
    self.output = output
  }

  /// Reads the files, and passes the value of each that could be read to `render`, on a thread that may block.
  ///
  /// - Throws: `ExitCode(1)` if a file failed, after all others were processed; what ends the run.
  @discardableResult
  func run<Reducer: ByteReducer>(
    _ makeReducer: @escaping @Sendable () -> Reducer,
    render: @escaping @Sendable (FileResult<Reducer.Output>.Value, inout [UInt8]) throws -> Void,
    summary: (FileReport, inout [UInt8]) throws -> Void
  ) async throws -> FileReport {
    // Writing results may block, on a pipe that nothing reads.
    let report = try await withThreadExecutor(name: "output") { thread in
      let results = ResultWriter(json: output.json, on: thread)
      let meter = ProgressMeter(output.progressStyle)
      let report = try await meter.running {
        try await files(meter.counter).reduce(makeReducer).forEach(on: thread, drainsWhenCancelled: true) { result in
          switch result.outcome {
          case .success(let value): try results.write { try render(value, &$0) }
          case .failure(let error) where error.cause == .excluded: reportSkipped(error.path)
          case .failure(let error): try results.write(error)
          }
          longPaths.remove(result.pathCount)
        }
      }
      try results.write { try summary(report, &$0) }
      try results.flush()
      return report
    }
    if output.verbose { Diagnostics.report(report) }
    if report.failed > 0 { throw ExitCode(ExitStatus.someFailed) }
    return report
  }

  /// The file that standard output is written to is skipped, as ripgrep does in a walk; and where it was named too,
  /// since a list that `find` makes names it: what is read of it is not what it will hold.
  private func files(_ progress: FileProgress?) -> FilePipeline {
    var files = FilePipeline(source, engine: engine)
    if let outputFile = FileIdentity(ofRegularFile: .standardOutput) { files = files.excluding(outputFile) }
    if let progress { files = files.reportingProgress(to: progress) }
    return files
  }

  private func reportSkipped(_ path: [UInt8]) {
    if !output.quiet { Diagnostics.report(path: path, message: "skipped: standard output is written to it") }
  }
}

extension Diagnostics {
  /// What `-v` tells.
  static func report(_ report: FileReport) {
    if let fallback = report.fallback { self.report("io_uring was not used. \(fallback.description)") }
    self.report(
      report.engine, report.statistics, report.duration,
      did: "\(Figures.counted(report.files, "file")), \(Figures.bytes(Int(report.bytes)))")
  }

  static func report(
    _ engine: FileEngineKind, _ statistics: FileEngineStatistics, _ duration: Duration, did what: String
  ) {
    self.report(
      "\(engine.rawValue): \(what), \(Figures.seconds(duration.inSeconds)); "
        + "\(Figures.counted(Int(statistics.ringOperations), "ring operation")) in "
        + "\(Figures.counted(Int(statistics.enters), "enter")), "
        + "\(Figures.counted(Int(statistics.helperOpens), "file")) opened by helper threads")
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
