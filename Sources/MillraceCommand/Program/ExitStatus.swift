import ArgumentParser
import FilePipeline
import Glibc
import SystemPackage

/// The exit statuses, as documented in the help. A run that is interrupted has none: the process ends by the signal.
enum ExitStatus {
  static let success: Int32 = 0
  /// The run finished, but a file failed or did not match.
  static let someFailed: Int32 = 1
  /// The run could not start or continue.
  static let aborted: Int32 = 2

  /// Ends the process with the status of a run that has ended, and reports an error that ended it.
  static func exit(with result: Result<Void, any Error>) -> Never {
    do {
      try result.get()
      Glibc.exit(success)
    } catch let status as ExitCode {
      MillraceCommand.exit(withError: status)
    } catch let error as any FatalError {
      Diagnostics.report(error.message)
    } catch Errno.resourceTemporarilyUnavailable {
      // A thread could not be started.
      Diagnostics.report(ThreadShortage.advice)
    } catch {
      // The parser's errors are wrong usage, and requests for help and the version.
      if [.success, .validationFailure].contains(MillraceCommand.exitCode(for: error)) {
        MillraceCommand.exit(withError: error)
      }
      Diagnostics.report("\(error)")
    }
    Glibc.exit(aborted)
  }
}

/// An error that ends a run: one line on standard error, and ``ExitStatus/aborted``.
protocol FatalError: Error {
  /// Follows `millrace: ` on the line.
  var message: String { get }
}

extension FileEngineUnavailable: FatalError {
  var message: String { "the \(kind.rawValue) engine cannot be used here. \(description)" }
}

extension FileEngineFailure: FatalError {
  var message: String { "\(description). To go without io_uring: --engine threads." }
}
