import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Files that are named by paths longer than a system call takes (PATH_MAX, 4096 bytes).
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct LongPathTests {
  private static let (levels, nameLength) = (60, 250)

  private let tree: DeepTree

  init() throws {
    tree = try DeepTree(levels: Self.levels, nameLength: Self.nameLength)
  }

  /// The path of the directory on a level.
  private func directory(_ level: Int) -> [UInt8] { tree.path(level).dropLast(DeepTree.fileName.count + 1) }

  /// The levels around which a path needs a piece more, and the last.
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func every_level_is_read(_ kind: EngineUnderTest, _ place: Place) async throws {
    try await withEngine(kind) { engine in
      for level in [15, 16, 17, 32, 33, Self.levels] {
        let bytes = try await place.run(engine) { try await engine.contents(tree.path(level)) }
        #expect(bytes == Array(String(level).utf8))
      }
    }
    #expect(tree.directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func links_and_superfluous_slashes_lead_where_they_do_in_a_short_path(_ kind: EngineUnderTest) async throws {
    try tree.directory.makeLink("link", to: String(decoding: tree.name, as: UTF8.self))
    let slash = UInt8(ascii: "/")
    let below = tree.path(Self.levels).dropFirst(tree.path(1).count - DeepTree.fileName.count)
    let slashes = [UInt8](repeating: slash, count: 5000)
    let paths = [
      tree.directory.path("link/") + below, tree.directory.path("link/../link/./") + below,
      slashes + tree.path(Self.levels), directory(Self.levels) + slashes + DeepTree.fileName,
    ]
    try await withEngine(kind) { engine in
      for path in paths {
        let bytes = try await engine.contents(path)
        #expect(bytes == Array(String(Self.levels).utf8))
      }
    }
    let opened = try FileReference(path: directory(Self.levels) + slashes).openDirectory(followSymbolicLink: true).get()
    try opened.close()
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_cannot_be_opened_fails_with_its_cause(_ kind: EngineUnderTest) async throws {
    let file = tree.path(Self.levels)
    let name = [UInt8](repeating: UInt8(ascii: "n"), count: 256)
    let cases: [(path: [UInt8], cause: FileError.Cause)] = [
      (directory(Self.levels), .isDirectory),
      (file + [UInt8(ascii: "/")], .system(.notDirectory)),
      (file + Array("/file".utf8), .system(.notDirectory)),
      (directory(Self.levels) + Array("/missing/file".utf8), .system(.noSuchFileOrDirectory)),
      (directory(Self.levels) + [UInt8(ascii: "/")] + name, .system(.fileNameTooLong)),
      ([UInt8](repeating: UInt8(ascii: "n"), count: 5000), .system(.fileNameTooLong)),
    ]
    try await withEngine(kind) { engine in
      for (path, cause) in cases {
        let error = try await failure { _ = try await engine.contents(path) }
        let isExpected = error == FileError(path: path, operation: .open, cause: cause)
        #expect(isExpected, "\(error.cause) where \(cause) was expected")
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func files_are_written_and_copied_there(_ kind: EngineUnderTest) async throws {
    // Replaced, since the tree removes what it made.
    let (source, target) = (tree.path(Self.levels), tree.path(Self.levels - 1))
    try await withEngine(kind) { engine in
      try await engine.copyFile(from: FileReference(path: source), to: FileReference(path: target))
      #expect(try await engine.contents(target) == Array(String(Self.levels).utf8))
      try await engine.writeFile(at: FileReference(path: target), contents: [7])
      #expect(try await engine.contents(target) == [7])
    }
  }
}
