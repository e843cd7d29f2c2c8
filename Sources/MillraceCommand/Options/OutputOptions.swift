import ArgumentParser
import Glibc

/// What is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON: one object a line, the last with the type \"summary\".")
  var json = false

  @Flag(
    inversion: .prefixedNo,
    help: """
      Show on standard error how far the run is and how fast, and of a copy how much there is; elsewhere than on a \
      terminal by a line now and then. (default: on a terminal)
      """)
  var progress: Bool?

  @Flag(name: [.short, .long], help: "Print no more than what went wrong.")
  var quiet = false

  @Flag(
    name: [.short, .long],
    help: "Say on standard error which engine was used, what each stage did, and which was the bottleneck.")
  var verbose = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("-q and -v exclude each other.") }
  }

  var progressStyle: ProgressStyle {
    ProgressStyle(
      isWanted: progress, isQuiet: quiet, isTerminal: isatty(STDERR_FILENO) == 1,
      terminalType: getenv("TERM").map { String(cString: $0) })
  }
}
