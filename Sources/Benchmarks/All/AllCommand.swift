import ArgumentParser

/// What the program does without a subcommand: every table in a short form.
struct AllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Prints every table, in a short form, over a corpus that is made for it and removed. (default)",
    discussion: "Exits with status 1 if a count is above its limit."
  )

  @Argument(help: "Trees to walk and read, instead of the corpus.", completion: .directory)
  var paths: [String] = []

  @OptionGroup var output: TableOptions

  private static let rounds = 3

  func run() async throws {
    var tables = [try await LoopTable().measured()]
    tables += try await ChannelTables(rounds: Self.rounds).measured()
    tables += [
      try await PipelineTable(elements: 200_000, rounds: Self.rounds).measured(),
      DigestTable(rounds: Self.rounds).measured(),
      try StagesTable(rounds: Self.rounds).measured(),
    ]
    tables += try await TemporaryTree.with(paths, orCorpusOf: 2000) { paths in
      [
        try await WalkTable(paths: paths, rounds: Self.rounds).measured(),
        try await GateTable(paths: paths, rounds: 1).measured(),
      ] + (try await EngineTables(paths: paths, rounds: Self.rounds).measured())
    }
    try output.show(tables)
  }
}
