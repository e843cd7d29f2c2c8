import FileTestSupport
import Foundation
import Generators
import Testing

@Suite struct CorpusTests {
  private func files(of corpus: Corpus) throws -> [String: [UInt8]] {
    let directory = try TemporaryDirectory()
    let root = "\(directory.string)/new/corpus"
    let made = try corpus.write(to: root)
    let files = try directory.contents(below: root)
    #expect(made.bytes == files.values.reduce(0) { $0 + $1.count })
    #expect(made.folders == Set(files.keys.map { ($0 as NSString).deletingLastPathComponent }).union([""]).count)
    return files
  }

  @Test func the_same_seed_makes_the_same_files() throws {
    let made = try files(of: Corpus(files: 60, seed: 7))
    #expect(made.count == 60)
    #expect(made.values.contains { $0.count > 10_000 })
    #expect(try files(of: Corpus(files: 60, seed: 7)) == made)
  }

  @Test func another_seed_makes_others() throws {
    let (one, other) = (try files(of: Corpus(files: 60, seed: 1)), try files(of: Corpus(files: 60, seed: 2)))
    #expect(Set(one.keys) != Set(other.keys))
    #expect(Set(one.values).isDisjoint(with: other.values))
  }

  @Test func more_files_begin_with_those_of_fewer() throws {
    let (few, many) = (try files(of: Corpus(files: 30)), try files(of: Corpus(files: 60)))
    #expect(few.allSatisfy { many[$0.key] == $0.value })
  }

  @Test(arguments: [(.empty, 0), (.tiny, 100)] as [(CorpusSizes, Int)])
  func sizes(sizes: CorpusSizes, size: Int) throws {
    let made = try files(of: Corpus(files: 10, sizes: sizes))
    #expect(made.values.map(\.count) == Array(repeating: size, count: 10))
  }

  @Test func nothing_is_written_into_a_directory_that_holds_something() throws {
    let directory = try TemporaryDirectory()
    try directory.write([1], to: "1")
    #expect(throws: TreeError.self) { try Corpus(files: 3).write(to: directory.string) }
    #expect(try directory.contents(below: directory.string) == ["1": [1]])
  }
}
