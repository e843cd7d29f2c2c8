import ArgumentParser
import FilePipeline

/// The program behind the `millrace` executable.
public enum MillraceProgram {
  /// Parses the command line, runs what it asks for, and exits with the documented status.
  ///
  /// The main thread only waits for signals. An asynchronous main function would start the threads of Swift's
  /// cooperative pool before ``Preflight`` runs. No task runs in that pool: the command runs on its own thread, and its
  /// pipelines and engines have others.
  public static func main() -> Never {
    StandardStreams.occupyClosed()
    Preflight.raiseDescriptorLimit()
    Preflight.check()
    TerminationSignals.restoreQuit()
    let signals = TerminationSignals()
    let interruption = Interruption()
    let work = Task(executorPreference: Preflight.startThread()) { await run(interruption) }
    interruption.wait(for: signals, cancelling: work)
  }

  private static func run(_ interruption: Interruption) async -> Never {
    let result: Result<Void, any Error>
    do {
      result = .success(try await runCommand())
    } catch {
      // The cause names the file: the stage and the element would add nothing.
      result = .failure((error as? PipelineFailure)?.cause ?? error)
    }
    interruption.endProcessIfInterrupted()
    ExitStatus.exit(with: result)
  }

  private static func runCommand() async throws {
    var command = try MillraceCommand.parseAsRoot(ArgumentBytes.commandLine())
    guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
    try await PipelineClock.$current.withValue(ThreadClock()) { try await asynchronous.run() }
  }
}

struct MillraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace",
    abstract: "Processes directories of files through io_uring, and shows what blocking code costs.",
    discussion: """
      Results go to standard output in the order of the paths, everything else to standard error.

      Exit status: 0 all good; 1 finished, but a file failed or did not match; 2 the run was aborted; 64 wrong usage. \
      Ctrl-C, SIGTERM and SIGHUP end the process by that signal, which shells show as 130, 143 and 129.
      """,
    version: "millrace 0.1.0",
    subcommands: [
      ReadCommand.self, HashCommand.self, CountCommand.self, CopyCommand.self, CompareCommand.self, DemoCommand.self,
      DoctorCommand.self,
    ])
}
