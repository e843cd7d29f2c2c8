import ArgumentParser
import Generators

/// `corpus`: a tree of files as large as a measurement needs it.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Makes a tree of many files to measure with.",
    discussion: """
      The same options make the same tree, byte for byte, on every machine. A tree of more files begins with the \
      files of a tree of fewer.
      """
  )

  @Option(help: "How many regular files to make.")
  var files: Int

  @Option(help: "How large they are: nothing, 100 bytes, as in source code (20 kB on average), or 64 MiB each.")
  var sizes = CorpusSizes.source

  @Option(help: "Where the pseudo-random numbers start.")
  var seed: UInt64 = 1

  @Argument(help: "The directory to make; it must be new or empty.", completion: .directory)
  var directory: String

  /// More files than this are a slip of the finger: they would take hours, and inodes that few file systems have.
  private static let mostFiles = 100_000_000

  func validate() throws {
    guard (0...Self.mostFiles).contains(files) else {
      throw ValidationError("The number of files must be between 0 and \(Self.mostFiles).")
    }
    guard !directory.isEmpty else {
      throw ValidationError("The directory needs a name.")
    }
  }

  func run() throws {
    let made = try Corpus(files: files, sizes: sizes, seed: seed).write(to: directory)
    print("files: \(files), folders: \(made.folders), bytes: \(made.bytes)")
  }
}

extension CorpusSizes: ExpressibleByArgument {}
