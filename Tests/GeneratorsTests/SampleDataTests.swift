import FileTestSupport
import Foundation
import Generators
import Testing

@Suite struct SampleDataTests {
  @Test func files_are_those_of_the_repository() throws {
    let directory = try TemporaryDirectory()
    let made = try SampleData.write(to: directory.string)
    let files = try directory.contents(below: directory.string)
    #expect((made.files, made.bytes) == (files.count, files.values.reduce(0) { $0 + $1.count }))
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../SampleData")
    let kept = try directory.contents(below: repository.path)
    #expect(files.keys.sorted() == kept.keys.sorted())
    for (path, bytes) in files { #expect(kept[path] == bytes, "\(path)") }
  }

  @Test func other_files_in_the_directory_are_left_alone() throws {
    let directory = try TemporaryDirectory()
    try directory.write([1], to: "another")
    try directory.write([2], to: "empty.txt")
    _ = try SampleData.write(to: directory.string)
    let files = try directory.contents(below: directory.string)
    #expect(files["another"] == [1])
    #expect(files["empty.txt"] == [])
  }

  @Test func a_link_in_the_place_of_a_file_is_not_followed() throws {
    let directory = try TemporaryDirectory()
    try directory.write([1], to: "target")
    try directory.makeLink("empty.txt", to: "target")
    #expect(throws: TreeError.self) { try SampleData.write(to: directory.string) }
    #expect(try directory.contents(below: directory.string)["target"] == [1])
  }
}
