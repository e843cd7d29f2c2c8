import ArgumentParser

struct PipelineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Measures what operators and concurrent stages cost an element."
  )

  @Option(help: "Elements in a run.")
  var elements = 2_000_000

  @Option(help: "How many rounds the times are the medians of.")
  var rounds = 5

  @OptionGroup var output: TableOptions

  func validate() throws {
    if rounds < 1 || elements < 1 { throw ValidationError("There must be a round and an element at least.") }
  }

  func run() async throws {
    try output.show([try await PipelineTable(elements: elements, rounds: rounds).measured()])
  }
}
