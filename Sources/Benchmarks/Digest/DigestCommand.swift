import ArgumentParser

struct DigestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest", abstract: "Measures digests, beside swift-crypto's own SHA-256."
  )

  @Option(help: "How many interleaved rounds the figures are the medians of.")
  var rounds = 5

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    try output.show([DigestTable(rounds: rounds).measured()])
  }
}
