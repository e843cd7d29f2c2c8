import ArgumentParser

struct WalkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "walk",
    abstract: "Measures what it costs to find files, beside readdir by hand and FileManager."
  )

  @Argument(help: "Trees to walk; without any a corpus is made for it, and removed.", completion: .directory)
  var paths: [String] = []

  @Option(help: "How many interleaved rounds the times are the medians of.")
  var rounds = 5

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    let table = try await TemporaryTree.with(paths, orCorpusOf: 20_000) {
      try await WalkTable(paths: $0, rounds: rounds).measured()
    }
    try output.show([table])
  }
}
