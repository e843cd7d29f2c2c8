import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Directories of a target tree: made when they are needed, and never reached through a link below the root.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct TargetTreeTests {
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func directories_are_made_when_they_are_needed(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let root = FileReference(path: directory.path("new root"))
    try await withEngine(kind) { engine in
      let missing = try await failure { _ = try await engine.openTarget(root, creating: nil) }
      #expect(missing == FileError(path: root.path, operation: .open, cause: .system(.noSuchFileOrDirectory)))
      try await place.run(engine) {
        let tree = try await engine.openTarget(root, creating: FilePermissions(rawValue: 0o700))
        #expect(tree.root.path == root.path)
        #expect(try await engine.directory("", in: tree) === tree.root)
        let lower = try await engine.directory("a/b/c", in: tree)
        #expect(lower.path == directory.path("new root/a/b/c"))
        #expect(try await engine.directory("a/b/c", in: tree) === lower)
        // What is not plain is the same directory, if not the same object.
        #expect(try await engine.directory("./a//b/c/", in: tree).path == lower.path)
        let closed = try await engine.directory("a/closed", in: tree, creating: FilePermissions(rawValue: 0o700))
        try await engine.write("file", in: closed, [1])
      }
      #expect(directory.permissions("new root") == 0o700 && directory.permissions("new root/a/closed") == 0o700)
      #expect(directory.status("new root/a/b/c").st_mode & S_IFMT == S_IFDIR)
      #expect(try directory.bytes("new root/a/closed/file") == [1])
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_is_there_is_used_and_what_is_missing_is_an_error_if_nothing_may_be_made(
    _ kind: EngineUnderTest
  ) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.makeDirectory("there")
    try directory.write([1], to: "file")
    try await withEngine(kind) { engine in
      let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
      _ = try await engine.directory("there", in: tree, creating: nil)
      let cases: [(String, FileError.Cause)] = [
        ("missing/x", .system(.noSuchFileOrDirectory)), ("file", .system(.notDirectory)),
        (String(repeating: "n", count: 256), .system(.fileNameTooLong)),
      ]
      for (path, cause) in cases {
        let error = try await failure { _ = try await engine.directory(path, in: tree, creating: nil) }
        #expect(error.cause == cause && error.operation == .create, "\(path)")
        #expect(error.path.starts(with: directory.path))
      }
      #expect(directory.listing == ["file", "there"])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func no_path_leads_out_of_the_tree(_ kind: EngineUnderTest) async throws {
    let (directory, elsewhere) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try directory.makeDirectory("inner")
    try directory.makeLink("link", to: elsewhere.string)
    try directory.makeLink("inner/up", to: "..")
    try await withEngine(kind) { engine in
      let tree = try await engine.openTarget(FileReference(path: directory.path("inner")), creating: nil)
      let outer = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
      for path in ["..", "a/../..", "/", elsewhere.string, "../inner"] {
        let error = try await failure { _ = try await engine.directory(path, in: tree) }
        #expect(error.cause == .system(.improperLink), "\(path)")
      }
      for (tree, path) in [(tree, "up"), (tree, "up/inner"), (outer, "link"), (outer, "link/new")] {
        let error = try await failure { _ = try await engine.directory(path, in: tree) }
        #expect(error.cause == .isSymbolicLink, "\(path)")
      }
      let nul = try await failure { _ = try await engine.directory([0x61, 0, 0x62], in: tree, creating: nil) }
      #expect(nul.cause == .nulInPath)
      // The root is the user's own, and may be a link.
      let byLink = try await engine.openTarget(FileReference(path: directory.path("link")), creating: nil)
      try await engine.write("file", in: byLink.root, [1])
    }
    #expect(elsewhere.listing == ["file"])
    #expect(directory.listing == ["inner", "link"])
  }

  /// In a process of its own, where nothing else keeps descriptors.
  @Test func directory_that_was_given_up_is_reached_again_by_its_names() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory(.disk)
      try await withEngine(.threads) { engine in
        let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
        let lower = try await engine.directory("a/b/c", in: tree)
        while DirectoryDescriptors.giveUpOne() {}
        #expect(lower.kept.borrow() == nil)
        #expect(directory.openDescriptors == 1)
        try await engine.write("file", in: lower, [1])
        #expect(try directory.bytes("a/b/c/file") == [1])
        // The root is resolved once: it may be moved.
        while DirectoryDescriptors.giveUpOne() {}
        try directory.makeDirectory("a/moved")
        _ = rename(directory.string + "/a/b", directory.string + "/a/moved/b")
        try directory.makeDirectory("a/b")
        try directory.makeDirectory("a/b/c")
        let other = try await failure { try await engine.write("file", in: lower, [2]) }
        #expect(other.cause == .system(.staleNFSFileHandle))
        _ = rmdir(directory.string + "/a/b/c")
        for link in ["c", "missing"] {
          _ = symlink(directory.string + "/a/moved/b/" + link, directory.string + "/a/b/c")
          let error = try await failure { try await engine.write("file", in: lower, [2]) }
          #expect(
            error == FileError(path: lower.path + "/file".utf8, operation: .create, cause: .system(.staleNFSFileHandle))
          )
          _ = unlink(directory.string + "/a/b/c")
        }
        let gone = try await failure { try await engine.write("file", in: lower, [2]) }
        #expect(gone.cause == .system(.staleNFSFileHandle))
        #expect(try directory.bytes("a/moved/b/c/file") == [1])
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test func tree_is_as_deep_and_as_wide_as_it_likes() async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(.threads) { engine in
      let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
      // Longer than any path that a system call takes, and more levels than the tree remembers.
      let name = String(repeating: "d", count: 20)
      let deep = try await engine.directory(
        Array(repeating: name, count: 1000).joined(separator: "/"), in: tree)
      try await engine.write("file", in: deep, [1])
      for number in 0..<700 { _ = try await engine.directory("wide/\(number)", in: tree) }
      #expect(TemporaryDirectory.names(in: directory.path("wide")).count == 700)
      #expect(directory.openDescriptors <= DirectoryDescriptors.limit + 1)
    }
    #expect(directory.openDescriptors == 0)
    _ = await Task { _ = system("rm -rf \(directory.string)/\(String(repeating: "d", count: 20))") }.value
  }

  /// Nothing is written outside, however the link and the directory change places.
  @Test(arguments: TreeCase.onLane)
  func parent_that_becomes_a_link_and_back_leads_nothing_outside(_ now: TreeCase) async throws {
    let (directory, outside) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try directory.makeDirectory("parent")
    let (parent, kept) = (directory.string + "/parent", directory.string + "/kept")
    let isDone = Counter()
    let swapper = try ThreadExecutor(name: "swapper")
    let link = directory.string + "/link"
    _ = symlink(outside.string, link)
    let swapping = Task(executorPreference: swapper) {
      while isDone.value == 0 {
        rename(parent, kept)
        rename(link, parent)
        usleep(50)
        rename(parent, link)
        rename(kept, parent)
        usleep(50)
      }
    }
    try await now.run(in: directory) { engine, tree in
      var (written, failed) = (0, 0)
      for number in 0..<300 {
        do {
          // Through other trees, so that the directory is not remembered.
          let fresh =
            number % 3 == 0 ? try await engine.openTarget(FileReference(path: directory.path), creating: nil) : tree
          let place = try await engine.directory("parent", in: fresh, creating: nil)
          try await engine.write("\(number)", in: place, [1, 2, 3])
          written += 1
        } catch let error as FileError {
          let causes: [FileError.Cause] = [
            .isSymbolicLink, .system(.noSuchFileOrDirectory), .system(.notDirectory), .system(.staleNFSFileHandle),
          ]
          #expect(causes.contains(error.cause), "\(error)")
          failed += 1
        }
      }
      #expect(written + failed == 300 && written > 0)
    }
    isDone.add()
    await swapping.value
    await swapper.shutDown()
    #expect(outside.listing == [])
  }
}
