import FileTestSupport
import Foundation
import TestTurns
import Testing

@Suite(.inTurn) struct CorpusTests {
  /// Makes a corpus; its files by their paths.
  private func corpus(_ arguments: String...) async throws -> [String: Data] {
    let directory = try TemporaryDirectory()
    let root = "\(directory.string)/made"
    let outcome = try await ChildProcess(
      ([builtExecutable("Benchmarks"), "corpus", root] + arguments).map { Array($0.utf8) }
    ).outcome()
    #expect(outcome.status == 0)
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      // Of a directory there are none.
      if let bytes = try? Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")) { files[path] = bytes }
    }
    return files
  }

  @Test func the_same_seed_makes_the_same_files() async throws {
    let files = try await corpus("--files", "60", "--seed", "7")
    #expect(files.count == 60)
    #expect(files.values.contains { $0.count > 10_000 })
    #expect(try await corpus("--files", "60", "--seed", "7") == files)
  }

  @Test func another_seed_makes_others() async throws {
    let (one, other) = (
      try await corpus("--files", "60", "--seed", "1"), try await corpus("--files", "60", "--seed", "2")
    )
    #expect(Set(one.keys) != Set(other.keys))
    #expect(Set(one.values).isDisjoint(with: other.values))
  }

  @Test func more_files_begin_with_those_of_fewer() async throws {
    let (few, many) = (try await corpus("--files", "30"), try await corpus("--files", "60"))
    #expect(few.allSatisfy { many[$0.key] == $0.value })
  }

  @Test(arguments: [("empty", 0), ("tiny", 100)])
  func sizes(name: String, size: Int) async throws {
    let files = try await corpus("--files", "10", "--sizes", name)
    #expect(files.values.map(\.count) == Array(repeating: size, count: 10))
  }

  @Test func nothing_is_written_into_a_directory_that_holds_something() async throws {
    let directory = try flatTree(files: 2)
    let outcome = try await BenchmarksProgram.run("corpus", directory.string, "--files", "3")
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("is not empty"))
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: directory.string).sorted() == ["1", "below", "below/last"])
  }
}
