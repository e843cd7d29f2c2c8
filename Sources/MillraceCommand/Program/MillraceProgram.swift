import ArgumentParser
import FilePipeline
import Glibc

/// The program behind the `millrace` executable.
public enum MillraceProgram {
  /// Parses the command line, runs what it asks for, and exits with the documented status.
  ///
  /// The main thread only waits: an asynchronous main function would make Swift's threads before anything can be looked at.
  public static func main() -> Never {
    StandardStreams.occupyClosed()
    StartingConditions.check()
    Task { await run() }
    while true { pause() }
  }

  private static func run() async -> Never {
    do {
      let status = try await Interruption.cancelling {
        var command = try MillraceCommand.parseAsRoot(ArgumentBytes.commandLine())
        if var command = command as? any AsyncParsableCommand {
          try await command.run()
        } else {
          try command.run()
        }
      }
      exit(status)
    } catch let status as ExitCode {
      MillraceCommand.exit(withError: status)
    } catch let error as any RunAbortion {
      Diagnostics.report(error.message)
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
}

/// The exit statuses, as the help has them.
enum ExitStatus {
  static let success: Int32 = 0
  /// The run finished, but a file failed or did not match.
  static let someFailed: Int32 = 1
  /// The run could not begin or go on.
  static let aborted: Int32 = 2
  /// 128 and the number of SIGINT, as shells have it.
  static let interrupted: Int32 = 130
}

/// What ends a run: one line, and status 2.
protocol RunAbortion: Error {
  var message: String { get }
}

extension FileEngineUnavailable: RunAbortion {
  var message: String {
    kind.map { "the \($0.rawValue) engine cannot be used here. \(description)" } ?? description
  }
}

struct MillraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace",
    abstract: "Processes directories of files through io_uring, and shows what blocking code costs.",
    discussion: """
      Results go to standard output in the order of the paths, everything else to standard error.

      Exit status: 0 all good; 1 finished, but a file failed or did not match; 2 the run was aborted; 64 wrong usage; \
      130 interrupted.
      """,
    version: "millrace 0.1.0",
    subcommands: [
      ReadCommand.self, HashCommand.self, CountCommand.self, CompareCommand.self, DemoCommand.self, DoctorCommand.self,
    ])
}
