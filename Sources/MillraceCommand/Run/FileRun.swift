import ArgumentParser
import FilePipeline
import SystemPackage

/// One pass over files for a subcommand: results to standard output, failures to standard error, then a summary.
struct FileRun {
  let source: FileSource
  let engine: EngineSource
  let output: OutputOptions

  init(_ source: SourceOptions, _ engine: EngineOptions, _ output: OutputOptions) throws {
    self.source = try source.makeSource()
    self.engine = engine.source
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
    let results = ResultWriter(json: output.json)
    let report = try await OutputThread.with { thread in
      let meter = ProgressMeter(isShown: output.showsProgress)
      let report = try await meter.running {
        try await FilePipeline(source, engine: engine).reduce(makeReducer).forEach(on: thread) { result in
          meter.count(result)
          switch result.outcome {
          case .success(let value): try results.write { try render(value, &$0) }
          case .failure(let error): try results.write(error)
          }
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
}

/// A thread for results: writing them may block, on a pipe that nobody empties.
enum OutputThread {
  static func with<R: Sendable>(_ body: (ThreadExecutor) async throws -> R) async throws -> R {
    let thread = try ThreadExecutor(name: "output")
    do {
      let result = try await body(thread)
      await thread.shutDown()
      return result
    } catch {
      await thread.shutDown()
      throw error
    }
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
