import ArgumentParser
import FilePipeline
import Glibc
import SystemPackage

/// The program behind the `millrace` executable.
public enum MillraceProgram {
  /// Parses the command line, runs what it asks for, and exits with the documented status.
  ///
  /// The main thread only waits for signals: an asynchronous main function would make Swift's threads before anything
  /// can be looked at. No task runs on those: the command has a thread, and what it starts has others.
  public static func main() -> Never {
    StandardStreams.occupyClosed()
    StartingConditions.raiseDescriptorLimit()
    StartingConditions.check()
    TerminationSignals.restoreQuit()
    let signals = TerminationSignals()
    let interruption = Interruption()
    let work = Task(executorPreference: StartingConditions.startThread()) { await run(interruption) }
    interruption.wait(for: signals, cancelling: work)
  }

  private static func run(_ interruption: Interruption) async -> Never {
    let result: Result<Void, any Error>
    do {
      result = .success(try await runCommand())
    } catch {
      // What ends a run names itself: the stage and the element would say nothing new.
      result = .failure((error as? PipelineFailure)?.cause ?? error)
    }
    interruption.endProcessIfInterrupted()
    do {
      try result.get()
      exit(ExitStatus.success)
    } catch let status as ExitCode {
      MillraceCommand.exit(withError: status)
    } catch let error as any RunAbortion {
      Diagnostics.report(error.message)
      exit(ExitStatus.aborted)
    } catch Errno.resourceTemporarilyUnavailable {
      // Of a thread that could not be started.
      Diagnostics.report(ThreadShortage.advice)
      exit(ExitStatus.aborted)
    } catch {
      // The parser's errors are wrong usage, and requests for help and the version.
      if [.success, .validationFailure].contains(MillraceCommand.exitCode(for: error)) {
        MillraceCommand.exit(withError: error)
      }
      Diagnostics.report("\(error)")
      exit(ExitStatus.aborted)
    }
  }

  private static func runCommand() async throws {
    var command = try MillraceCommand.parseAsRoot(ArgumentBytes.commandLine())
    guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
    try await PipelineClock.$current.withValue(ThreadClock()) { try await asynchronous.run() }
  }
}

/// The exit statuses, as the help has them. A run that is interrupted has none: the process ends by the signal.
enum ExitStatus {
  static let success: Int32 = 0
  /// The run finished, but a file failed or did not match.
  static let someFailed: Int32 = 1
  /// The run could not begin or go on.
  static let aborted: Int32 = 2
}

/// What ends a run: one line, and status 2.
protocol RunAbortion: Error {
  var message: String { get }
}

extension FileEngineUnavailable: RunAbortion {
  var message: String { "the \(kind.rawValue) engine cannot be used here. \(description)" }
}

extension FileEngineFailure: RunAbortion {
  var message: String { "\(description). To go without io_uring: --engine threads." }
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
