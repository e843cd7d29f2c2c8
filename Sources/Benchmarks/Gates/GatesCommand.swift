import ArgumentParser

struct GatesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gates",
    abstract: "Counts what reading and copying a file costs, and fails if it is more than it may be.",
    discussion: """
      Counted for each file, warm: calls of io_uring_enter with 64 files in flight, system calls (by ptrace), heap \
      allocations, and context switches where a thread had to wait. Exits with status 1 if one is above its limit, \
      and names it. The limits are those of the corpus; trees of few files, or of larger ones, have their own. Times \
      are not limited: they do not repeat.
      """
  )

  @Argument(
    help: "Trees to read and to copy; without any a corpus is made for it, and removed.", completion: .directory)
  var paths: [String] = []

  @Option(
    help: """
      How many rounds; the least of them counts. While it is above its limit there are as many more, three times at \
      the most: a busy machine only adds.
      """)
  var rounds = 5

  @Option(help: "NAME=NUMBER: another limit for one of the counts. Can be given again.")
  var limit: [Limit] = []

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    let limits = Dictionary(limit.map { ($0.name, $0.value) }) { $1 }
    let table = try await TemporaryTree.with(paths, orCorpusOf: 2000) {
      try await GateTable(paths: $0, rounds: rounds, limits: limits).measured()
    }
    try output.show([table])
  }
}

/// A limit other than the one that is built in.
struct Limit: ExpressibleByArgument {
  let name: String
  let value: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=")
    guard parts.count == 2, let value = Double(parts[1]), GateTable.names.contains(String(parts[0])) else { return nil }
    (name, self.value) = (String(parts[0]), value)
  }
}
