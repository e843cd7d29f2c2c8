import FileEngines
import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

/// References to what a directory has listed as other things than regular files.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ListedKindTests {
  /// A directory with one name of each kind, and references as a walk gives them.
  private func makeTree(
    _ kinds: [String: FileStatus.Kind?]
  ) throws -> (directory: TemporaryDirectory, references: [String: FileReference]) {
    let directory = try TemporaryDirectory(.disk)
    try directory.write("water".utf8, to: "file")
    try directory.makeDirectory("directory")
    try directory.makePipe("fifo")
    try directory.makeSocket("socket")
    try directory.makeLink("link", to: "file")
    var (references, start) = ([String: FileReference](), 0)
    let listed = try directory.reference(names: Array(kinds.keys))
    for (name, kind) in kinds {
      let count = name.utf8.count
      references[name] = FileReference(in: listed, start: start, count: count, inode: 1, listedKind: kind)
      start += count + 1
    }
    return (directory, references)
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func what_is_listed_as_no_regular_file_is_not_read(_ kind: EngineUnderTest, _ place: Place) async throws {
    let (directory, references) = try makeTree([
      "directory": .directory, "fifo": .fifo, "socket": .socket, "link": .symbolicLink,
    ])
    try await withEngine(kind) { engine in
      for (name, file) in references {
        let cause: FileError.Cause = name == "directory" ? .isDirectory : .notRegular
        let reading = try await failure { try await place.run(engine) { _ = try await engine.contents(file) } }
        #expect(reading == FileError(path: directory.path(name), operation: .open, cause: cause), "\(kind)")
        let opening = try await failure {
          try await place.run(engine) { await engine.close(try await engine.open(file)) }
        }
        #expect(opening == reading)
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func a_link_that_a_walk_has_followed_is_read(_ kind: EngineUnderTest, _ place: Place) async throws {
    let (directory, references) = try makeTree(["link": nil as FileStatus.Kind?])
    let link = try #require(references["link"])
    try await withEngine(kind) { engine in
      #expect(try await place.run(engine) { try await engine.contents(link).bytes } == Array("water".utf8))
      // It may lead to anything by then.
      _ = directory.path("link").withCString { unlink($0) }
      try directory.makeLink("link", to: "fifo")
      let error = try await failure { try await place.run(engine) { _ = try await engine.contents(link) } }
      #expect(error.cause == .notRegular)
      _ = directory.path("link").withCString { unlink($0) }
      try directory.makeLink("link", to: "file")
    }
  }

  @Test func links_say_where_they_lead_however_long_it_is() throws {
    let directory = try TemporaryDirectory()
    for count in [1, 2, 255, 256, 257, 1023, 1024, 1025, 4000] {
      let target = [UInt8](repeating: 0xFF, count: count)
      let path = directory.path("\(count)")
      try #require(path.withCString { path in target.withCString { symlink($0, path) } } == 0)
      #expect(try FileReference(path: path).symbolicLinkTarget() == target)
    }
    let listed = try directory.reference(names: ["256"])
    for kind in [nil, .symbolicLink] as [FileStatus.Kind?] {
      let link = FileReference(in: listed, start: 0, count: 3, inode: 1, listedKind: kind)
      #expect(try link.symbolicLinkTarget().count == 256)
    }
  }

  @Test func what_is_no_link_leads_nowhere() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([], to: "file")
    let cases: [([UInt8], Errno)] = [
      (file, .invalidArgument), (directory.path, .invalidArgument), (directory.path("missing"), .noSuchFileOrDirectory),
      (file + [0], .invalidArgument), (directory.path("file/x"), .notDirectory),
    ]
    for (path, errno) in cases {
      #expect(throws: errno) { try FileReference(path: path).symbolicLinkTarget() }
    }
  }

  @Test func name_is_the_last_component() throws {
    let names = ["a": "a", "a/b": "b", "/a": "a", "a//b//": "b", "/": "/", "//": "/", "": "", ".": ".", "a/..": ".."]
    for (path, name) in names { #expect(FileReference(path: path.utf8).name == Array(name.utf8)) }
    let directory = try TemporaryDirectory()
    let listed = try directory.reference(names: ["first", "second"])
    #expect(FileReference(in: listed, start: 6, count: 6, inode: 1).name == Array("second".utf8))
  }
}
