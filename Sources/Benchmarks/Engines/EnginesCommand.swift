import ArgumentParser

struct EnginesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "Compares the engines with a loop of pread, and with other programs.",
    discussion: """
      Each run is a process of its own, so that processor time, context switches and peak memory are its own too; the \
      programs take turns, round after round. What they found must be the same. Cold runs, for which root empties the \
      kernel's caches, start with the programs in memory, and nothing else.

      A rival is a line of shell, which has the trees as its arguments: \
      --jobs hash --rival sha256sum='find "$@" -type f -print0 | xargs -0 -n 256 -P 2 sha256sum'
      """
  )

  @Argument(help: "Trees to read; without any a corpus is made for it, and removed.", completion: .directory)
  var paths: [String] = []

  @Option(help: "What is done with the bytes: read, hash, or both.")
  var jobs = CommaList(Job.reading)

  @Option(help: "The state of the kernel's caches: warm, cold, or both.")
  var caches = CommaList<CacheState>()

  @Option(help: "How many interleaved rounds the figures are the medians of.")
  var rounds = 5

  @Option(help: "Files in flight: on each loop, or in all for the engine of threads.")
  var depth: Int?

  @Option(help: "NAME=COMMAND: another program that does the job. Can be given again.")
  var rival: [Rival] = []

  @OptionGroup var output: TableOptions

  func validate() throws {
    if jobs.words.contains(.copy) { throw ValidationError("Not every reader can copy.") }
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
    if Set(rival.map(\.name)).count < rival.count { throw ValidationError("Rivals need names of their own.") }
  }

  func run() async throws {
    let tables = try await TemporaryTree.with(paths, orCorpusOf: 5000) { paths in
      try await EngineTables(
        paths: paths, jobs: jobs.words, caches: caches.words, rounds: rounds, depth: depth, rivals: rival
      ).measured()
    }
    try output.show(tables)
  }
}
