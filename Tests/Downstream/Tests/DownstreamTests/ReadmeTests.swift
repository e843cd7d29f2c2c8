import AsyncPipeline
import Foundation
import SystemPackage
import Testing

/// The README's examples are files of this package, so that they compile.
struct ReadmeTests {
  private static let here = URL(filePath: #filePath).deletingLastPathComponent()
  private static let root = here.appending(path: "../../../..")

  @Test func examples_stand_in_the_readme_as_they_compile() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    // The last is of the program that has nothing but the ring, which runs it.
    let files = [
      "DigestsExample", "TextExample", "WriteExample", "SquaresExample", "RequestsExample", "FirstLineExample",
      "../../Sources/RingProgram/ChainExample",
    ]
    let examples = try files.map {
      try String(contentsOf: Self.here.appending(path: "\($0).swift"), encoding: .utf8)
    }
    #expect(blocks == examples)
  }

  @Test func examples_do_what_they_say() async throws {
    let data = FilePath(Self.root.appending(path: "SampleData").path)
    let sums = try await sums(ofColumn: 2, under: data)
    #expect(!sums.isEmpty && sums.allSatisfy { $0.file.extension == "csv" })
    let match = try #require(try await first("water", under: data))
    #expect(match.line.contains("water"))
    #expect(try await squares().prefix(3) == [4, 16, 36])
    let requests = Channel<String>(capacity: 4)
    for request in ["a", "a", "b"] { await requests.send(request) }
    requests.finish()
    let answers = try await answers(to: requests) { $0 + "!" }
    #expect(answers == ["a!", "b!"])
    let story = Self.root.appending(path: "SampleData/the-mill-at-lowwater.txt")
    let line = try String(contentsOf: story, encoding: .utf8).prefix { !$0.isNewline }
    #expect(try await firstLine(of: FilePath(story.path)) == String(line))
  }
}
