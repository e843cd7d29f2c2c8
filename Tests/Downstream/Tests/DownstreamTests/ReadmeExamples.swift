// MARK: channel
import AsyncPipeline
// MARK: pipeline
import FilePipeline
import FileStages
import Foundation
// MARK: ring
import IOUring
import SystemPackage
import Testing

// The README's examples, word for word, so that they compile; `ReadmeTests` compares.

struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { bytes in
      for byte in bytes { output.append(byte >= 97 && byte <= 122 ? byte - 32 : byte) }
    }
  }
  mutating func finish(into output: inout ByteOutput) {}
}

func printDigests() async throws {
  let report =
    try await FilePipeline
    .files(under: "SampleData", engine: .auto)
    .transform { UppercaseASCII() }
    .reduce { DigestReducer(.sha256) }
    .forEach { file in
      print(String(decoding: file.path, as: UTF8.self), try file.outcome.get().output)
    }
  print("\(report.files) files through \(report.engine)")
}
// MARK: end

func squares() async throws -> [Int] {
  try await Pipeline(1...1_000)
    .filter { $0.isMultiple(of: 2) }
    .mapAsync(width: 8) { $0 * $0 }
    .collect()
}
// MARK: end

func firstLine(of path: FilePath) async throws -> String {
  let loop = try RingLoop()
  let text = try await Task(executorPreference: loop) {
    let file = try await loop.open(path)
    let buffer = IOBuffer(capacity: 4096)
    let count = try await loop.read(file, into: buffer, at: 0)
    try await loop.close(file)
    return buffer.withBytes(count) { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  }.value
  await loop.shutDown()
  return String(text.prefix { !$0.isNewline })
}
// MARK: end

struct ReadmeTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../..")

  @Test func examples_compile_as_they_stand_in_the_readme() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let examples = try String(contentsOfFile: #filePath, encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    #expect(blocks.count == 3)
    for block in blocks { #expect(examples.contains(block), "not among the examples:\n\(block)") }
  }

  @Test func examples_do_what_they_say() async throws {
    #expect(try await squares().prefix(3) == [4, 16, 36])
    let story = Self.root.appending(path: "SampleData/the-mill-at-lowwater.txt")
    let line = try String(contentsOf: story, encoding: .utf8).prefix { !$0.isNewline }
    #expect(try await firstLine(of: FilePath(story.path)) == String(line))
  }
}
