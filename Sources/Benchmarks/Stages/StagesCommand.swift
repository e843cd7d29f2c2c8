import ArgumentParser

struct StagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages", abstract: "Measures byte stages, lines and searches.",
    discussion: "Exits with status 1 if a piece costs allocations."
  )

  @Option(help: "How many interleaved rounds the figures are the medians of.")
  var rounds = 5

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    try output.show([try StagesTable(rounds: rounds).measured()])
  }
}
