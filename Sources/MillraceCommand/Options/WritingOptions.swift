import ArgumentParser
import FilePipeline

/// The options of `compare` for jobs that write.
struct WritingOptions: ParsableArguments {
  /// Whether the time of a run includes writing its tree to the disk.
  enum Synchronization: String, CaseIterable, ExpressibleByArgument {
    case inside, outside
  }

  @Option(
    help: """
      For copy and transform: the directory to write into. Each run makes a tree of its own there, and all are removed \
      at the end.
      """)
  var into: ArgumentBytes?

  @Option(
    help: """
      For copy and transform: whether writing the run's data to the disk, with syncfs(2), is inside or outside of the \
      timing. (default: outside)
      """)
  var sync: Synchronization?

  @Option(help: "For copy and transform: how uring writes small files. (default: auto)")
  var writes: FileEngineConfiguration.Writes?

  /// - Throws: if an option does not apply to the job.
  func check(_ job: CompareJob) throws {
    if job.writes {
      if into == nil { throw ValidationError("--job \(job.rawValue) writes: name a directory for it with --into.") }
      return
    }
    for (option, isGiven) in [("--into", into != nil), ("--sync", sync != nil), ("--writes", writes != nil)]
    where isGiven {
      throw ValidationError("\(option) goes with --job copy and --job transform.")
    }
  }
}
