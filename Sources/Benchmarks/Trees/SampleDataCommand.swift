import ArgumentParser
import Generators

/// `sample-data`: the files of the repository's `SampleData`, written anew.
struct SampleDataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample-data",
    abstract: "Writes the files of the repository's SampleData.",
    discussion: """
      Every run writes the same bytes. Files of the samples that are there already are overwritten; all others in the \
      directory are left alone.
      """
  )

  @Argument(help: "The directory to write to; it is made if it is missing.", completion: .directory)
  var directory: String

  func validate() throws {
    guard !directory.isEmpty else {
      throw ValidationError("The directory needs a name.")
    }
  }

  func run() throws {
    let made = try SampleData.write(to: directory)
    print("files: \(made.files), bytes: \(made.bytes)")
  }
}
