import ArgumentParser

/// The program that makes the data to measure with, and measures. Each subcommand lives in a folder of its own.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Makes the files that Millrace is shown and measured with, and measures its parts.",
    discussion: "Without a subcommand every table is printed, in a short form. All tables can be had as JSON (--json).",
    subcommands: [
      AllCommand.self, EnginesCommand.self, LoopCommand.self, ChannelCommand.self, PipelineCommand.self,
      WalkCommand.self, DigestCommand.self, StagesCommand.self, GatesCommand.self, CorpusCommand.self,
      SampleDataCommand.self, PassCommand.self,
    ],
    defaultSubcommand: AllCommand.self
  )
}
