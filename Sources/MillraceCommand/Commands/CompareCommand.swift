import ArgumentParser
import FilePipeline

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Do one job through several engines, and compare what it costs.",
    // Without it the usage would be all options in one line: there are just too few to be left out.
    usage: "millrace compare [<options>] [<paths> ...]",
    discussion: """
      The engines run in turn, round after round, and must come to identical results. Without --cold a first round, which \
      is not counted, fills the caches. A walk on a thread of its own feeds every engine alike.
      """)

  /// More rounds than anybody waits for.
  private static let mostRuns = 1000

  @OptionGroup var source: SourceOptions

  @Option(help: "What is to be done with the bytes.")
  var job: CompareJob = .read

  @Option(help: "Some of blocking, threads and uring, separated by commas. (default: all that work here)")
  var engines: EngineList?

  @Option(help: "Counted runs of each engine.")
  var runs = 5

  @Flag(help: "Empty the caches before every run.")
  var cold = false

  @Flag(help: "Print JSON: one object a line, the last with the type \"summary\".")
  var json = false

  @OptionGroup var tuning: EngineTuningOptions

  func validate() throws {
    guard (1...Self.mostRuns).contains(runs) else {
      throw ValidationError("--runs is a number from 1 to \(Self.mostRuns).")
    }
    if source.filesFrom?.bytes == Array("-".utf8) {
      throw ValidationError("Standard input can be read only once: --files-from takes a file here.")
    }
  }

  func run() async throws {
    if let list = source.filesFrom, !(try InputFile(list.bytes).isRegular) {
      throw ListNotRepeatable(path: list.bytes)
    }
    let kinds = try usableEngines()
    let comparison = Comparison(
      job: job, engines: kinds, rounds: runs, cold: cold ? try ColdCaches(source) : nil, tuning: tuning, source: source)
    let outcome = try await comparison.run()
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
    if outcome.difference != nil || outcome.failed > 0 { throw ExitCode(ExitStatus.someFailed) }
  }

  /// Those asked for, all of which must work; or those that do.
  private func usableEngines() throws -> [FileEngineKind] {
    if let engines { return engines.kinds }
    return [.blocking, .threads, .uring].filter { kind in
      guard kind == .uring, let reason = FileEngineKind.uringRefusal else { return true }
      Diagnostics.report("without io_uring: \(reason.sentence)")
      return false
    }
  }
}

private struct ListNotRepeatable: RunAbortion {
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

/// What `compare` does with the bytes.
enum CompareJob: String, CaseIterable, ExpressibleByArgument {
  case read, hash, count
}

/// `blocking,threads,uring`.
struct EngineList: ExpressibleByArgument {
  let kinds: [FileEngineKind]

  init?(argument: String) {
    var kinds: [FileEngineKind] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = FileEngineKind(rawValue: String(name)), !kinds.contains(kind) else { return nil }
      kinds.append(kind)
    }
    self.kinds = kinds
  }
}
