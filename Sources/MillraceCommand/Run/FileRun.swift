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

  /// Reads the files, and passes the result of each that could be read to `render`, on a thread that may block.
  ///
  /// - Throws: `ExitCode(1)` if a file failed, after all others were processed; what ends the run.
  func run<Reducer: ByteReducer>(
    _ makeReducer: @escaping @Sendable () -> Reducer,
    render: @escaping @Sendable (FileResult<Reducer.Output>, Reducer.Output, inout [UInt8]) throws -> Void,
    summary: (RunSummary, inout [UInt8]) throws -> Void
  ) async throws {
    // Writing results may block, on a pipe that nothing reads.
    let done = try await withThreadExecutor(name: "output") { thread in
      let (results, tally) = (ResultWriter(json: output.json, on: thread), FileTally(FileCounts()))
      let done = try await EngineRun(engine).run { engine in
        try await ProgressMeter(output.progressStyle).run(files(engine).reduce(makeReducer), on: thread) { result in
          tally.add(result)
          switch result.outcome {
          case .success(let value): try results.write { try render(result, value, &$0) }
          case .failure(let error) where error.cause == .excluded: reportSkipped(error.path)
          case .failure(let error): try results.write(error)
          }
          longPaths.remove(result.file.pathCount)
        }
      }
      let summaryOfAll = RunSummary(done, tally.counts)
      try results.write { try summary(summaryOfAll, &$0) }
      try results.flush()
      return summaryOfAll
    }
    if output.verbose { Diagnostics.report(done) }
    if done.counts.failed > 0 { throw ExitCode(ExitStatus.someFailed) }
  }

  /// The file that standard output is written to is skipped, as ripgrep does in a walk; and where it was named too,
  /// since a list that `find` makes names it: what is read of it is not what it will hold.
  private func files(_ engine: any FileEngine) -> FilePipeline {
    let files = FilePipeline(source, engine: .engine(engine))
    return FileIdentity(ofRegularFile: .standardOutput).map { files.excluding($0) } ?? files
  }

  private func reportSkipped(_ path: [UInt8]) {
    if !output.quiet { Diagnostics.report(path: path, message: "skipped: standard output is written to it") }
  }
}
