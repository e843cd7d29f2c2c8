import ArgumentParser
import SystemPackage

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
    var writer = try TreeWriter(root: directory)
    var total = 0
    for sample in SampleData.files {
      let bytes = sample.bytes()
      try writer.makeFolder(Self.folder(of: sample.path))
      try writer.writeFile(sample.path) { try $0.writeAll(bytes) }
      total += bytes.count
    }
    print("files: \(SampleData.files.count), bytes: \(total)")
  }

  /// The part of a path before its last `/`, or nothing.
  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
