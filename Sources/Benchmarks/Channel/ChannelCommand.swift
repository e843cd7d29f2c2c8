import ArgumentParser

struct ChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel",
    abstract: "Measures channels beside AsyncStream and a deque under a lock, and counts their allocations.",
    discussion: """
      Exits with status 1 if the allocations for an element are above their limit. Beside AsyncChannel and NIO's \
      sequence they are measured by a package of its own: swift run -c release --package-path Tests/Downstream \
      channel-rates
      """
  )

  @Option(help: "How many rounds the times are the medians of.")
  var rounds = 9

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    try output.show(try await ChannelTables(rounds: rounds).measured())
  }
}
