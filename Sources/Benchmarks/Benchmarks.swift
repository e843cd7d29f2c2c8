import ArgumentParser

/// The program that makes the data to measure with, and measures. Each subcommand lives in a folder of its own.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Makes the files that Millrace is shown and measured with, and measures its parts.",
    subcommands: [
      SampleDataCommand.self, CorpusCommand.self, LoopCommand.self, ChannelCommand.self, PipelineCommand.self,
    ]
  )
}
