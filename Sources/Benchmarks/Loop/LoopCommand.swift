import ArgumentParser

struct LoopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loop",
    abstract: "Counts what an operation on a ring loop costs, and fails if it is more than it may be.",
    discussion: "Exits with status 1 if allocations or enters for an operation are above their limits."
  )

  @OptionGroup var output: TableOptions

  func run() async throws {
    try output.show([try await LoopTable().measured()])
  }
}
