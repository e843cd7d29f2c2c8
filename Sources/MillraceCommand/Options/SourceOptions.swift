import ArgumentParser
import FilePipeline

/// Which files.
struct SourceOptions: ParsableArguments {
  @Argument(
    help: "Directories to walk, and files. Links are followed if they are named here, but not inside directories.")
  var paths: [ArgumentBytes] = []

  @Option(help: "Read the files that this file lists, one a line, instead; - is standard input.")
  var filesFrom: ArgumentBytes?

  @Flag(name: [.customShort("0"), .customLong("null")], help: "The names in the list end in a NUL, not a newline.")
  var isNulTerminated = false

  func validate() throws {
    if filesFrom == nil && paths.isEmpty { throw ValidationError("Name a directory or a file, or use --files-from.") }
    if filesFrom != nil && !paths.isEmpty { throw ValidationError("--files-from takes the place of paths.") }
    if filesFrom == nil && isNulTerminated { throw ValidationError("-0 goes with --files-from.") }
  }

  /// Opens the list, if there is one, so that an error ends the run before it starts.
  ///
  /// - Parameter budget: the budget of the names of the list; the caller removes each name when it has the result.
  func makeSource(_ budget: LongPathBudget) throws -> FileSource {
    guard let filesFrom else { return .walk(paths.map(\.bytes)) }
    return .list(try InputFile(filesFrom.bytes), isNulTerminated ? .nul : .newline, budget)
  }
}
