import ArgumentParser
import FilePipeline

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Do one job through several engines, and compare what it costs.",
    // The generated usage would list all options on one line.
    usage: "millrace compare [<options>] [<paths> ...]",
    discussion: """
      The engines run in turn, round after round, and must come to identical results. Without --cold a first round, \
      which is not counted, fills the caches. A walk on a thread of its own feeds every engine alike.

      With the jobs copy and transform each run writes a tree of its own into a new folder in the directory that \
      --into names. Before each run what is dirty there goes to the disk (syncfs). The trees must be the same, byte \
      for byte and attribute for attribute, and a copy the same as its source. They are removed when all runs have \
      ended, also after a failure or a signal: there must be room for all of them.
      """)

  /// A guess: more would take days.
  private static let mostRuns = 1000

  @OptionGroup var source: SourceOptions

  @Option(help: "What is to be done with the files.")
  var job: CompareJob = .read

  @Option(help: "Some of blocking, threads and uring, separated by commas. (default: all that work here)")
  var engines: EngineList?

  @Option(help: "Counted runs of each engine.")
  var runs = 5

  @Flag(help: "Empty the caches before every run.")
  var cold = false

  @Flag(help: "Print JSON: one object a line, the last with the type \"summary\".")
  var json = false

  @OptionGroup var writing: WritingOptions
  @OptionGroup var tuning: EngineTuningOptions

  func validate() throws {
    guard (1...Self.mostRuns).contains(runs) else {
      throw ValidationError("--runs is a number from 1 to \(Self.mostRuns).")
    }
    if source.filesFrom?.bytes == Array("-".utf8) {
      throw ValidationError("Standard input can be read only once: --files-from takes a file here.")
    }
    if job.writes && source.filesFrom != nil {
      throw ValidationError("--job \(job.rawValue) takes trees: name them as paths, without --files-from.")
    }
    try writing.check(job)
  }

  func run() async throws {
    if let list = source.filesFrom, !(try InputFile(list.bytes).isRegular) {
      throw ListNotRepeatable(path: list.bytes)
    }
    let outcome = try await compare()
    let results = ResultWriter(json: json)
    try results.write { bytes in
      if json {
        try ComparisonReport(outcome).appendJSON(to: &bytes)
      } else {
        bytes.append(contentsOf: ComparisonReport(outcome).text.utf8)
      }
    }
    try results.flush()
    if let difference = outcome.difference { Diagnostics.report(difference) }
    if let tree = outcome.treeDifference { Diagnostics.report(path: tree.path, message: tree.message) }
    if !outcome.isIdentical || outcome.failed > 0 { throw ExitCode(ExitStatus.someFailed) }
  }

  private func compare() async throws -> Comparison.Outcome {
    let kinds = try usableEngines()
    let cold = cold ? try ColdCaches(source) : nil
    var comparison = Comparison(job: job, engines: kinds, rounds: runs, cold: cold, tuning: tuning, source: source)
    guard let directory = writing.into?.bytes else { return try await comparison.run() }
    let roots = source.paths.map(\.bytes)
    try CompareOverlap.check(sources: roots, directory: directory)
    return try await ComparisonFolder.with(in: directory) { folder in
      comparison.writing = ComparisonWriting(
        folder: folder, trees: ComparedTrees(roots: roots), sync: writing.sync ?? .outside,
        writes: writing.writes ?? .auto)
      return try await comparison.run()
    }
  }

  /// The engines that the option names, all of which must work; by default those that work here.
  private func usableEngines() throws -> [FileEngineKind] {
    if let engines { return engines.kinds }
    return [.blocking, .threads, .uring].filter { kind in
      guard kind == .uring, let reason = FileEngineKind.uringRefusal else { return true }
      Diagnostics.report("without io_uring: \(reason.sentence)")
      return false
    }
  }
}

private struct ListNotRepeatable: FatalError {
  let path: [UInt8]
  var message: String {
    "\(QuotedName.text(path)): compare reads the list for every run: it must be a regular file"
  }
}

extension Diagnostics {
  fileprivate static func report(_ difference: ResultDifference) {
    if let path = difference.path {
      report(path: path, message: difference.message)
    } else {
      report(difference.message)
    }
  }
}
