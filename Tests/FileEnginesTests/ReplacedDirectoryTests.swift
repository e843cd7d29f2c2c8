import FileTestSupport
import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// What becomes of files whose directory is moved, removed or replaced between its listing and their opening: they come
/// from the directory that was listed, or fail.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ReplacedDirectoryTests {
  @Test(arguments: EngineUnderTest.allCases)
  func files_of_an_open_directory_are_read_wherever_it_has_gone(_ kind: EngineUnderTest) async throws {
    let tree = try ListedTree()
    try tree.replaceMiddleByLink()
    try await withEngine(kind) { engine in
      let bytes = try await Place.onLane.run(engine) { try await engine.contents(tree.file).bytes }
      #expect(bytes == Array("inside".utf8))
    }
  }

  /// Numbers of inodes tell files apart on one device only.
  @Test(arguments: EngineUnderTest.allCases)
  func a_file_elsewhere_is_not_taken_for_the_one_that_was_listed(_ kind: EngineUnderTest) async throws {
    let tree = try ListedTree()
    try tree.replaceMiddleByLink()
    let file = try tree.fileWithInodeOutside()
    try await withEngine(kind) { engine in
      let bytes = try await Place.onLane.run(engine) { try await engine.contents(file).bytes }
      #expect(bytes == Array("inside".utf8))
    }
  }

  @Test func a_directory_that_was_given_up_is_reached_again() async throws {
    await #expect(processExitsWith: .success) {
      let tree = try ListedTree()
      try await onEveryEngine { engine in
        tree.giveUpDescriptors()
        let bytes = try await Place.onLane.run(engine) { try await engine.contents(tree.file).bytes }
        #expect(bytes == Array("inside".utf8))
      }
    }
  }

  @Test func no_link_in_the_place_of_a_directory_is_followed() async throws {
    await #expect(processExitsWith: .success) {
      let tree = try ListedTree()
      tree.giveUpDescriptors()
      try tree.replaceMiddleByLink()
      try await tree.expectFailure(.system(.staleNFSFileHandle))
    }
  }

  @Test func another_directory_in_its_place_is_not_read() async throws {
    await #expect(processExitsWith: .success) {
      let tree = try ListedTree()
      tree.giveUpDescriptors()
      try tree.rename("top/middle", to: "moved")
      try tree.rename("outside", to: "top/middle")
      try await tree.expectFailure(.system(.staleNFSFileHandle))
    }
  }

  @Test func a_directory_that_is_gone_is_not_found() async throws {
    await #expect(processExitsWith: .success) {
      let tree = try ListedTree()
      tree.giveUpDescriptors()
      try tree.rename("top/middle", to: "moved")
      try await tree.expectFailure(.system(.noSuchFileOrDirectory))
    }
  }

  /// Where openat2(2) is refused a name is opened at a time.
  @Test func name_by_name_no_link_is_followed_either() throws {
    let tree = try ListedTree()
    let middle = try #require(tree.file.directory.parent)
    let top = try #require(middle.parent).borrow(.waiting)
    let descriptor = middle.openByOwnName(in: top.descriptor)
    #expect(descriptor >= 0)
    close(descriptor)
    try tree.replaceMiddleByLink()
    #expect(middle.openByOwnName(in: top.descriptor) == -ENOTDIR)
  }

  /// If each directory released its parent, this would take as many frames on the stack. In a process of its own: in
  /// this one the directories of other suites would lose their descriptors to so many.
  @Test func a_long_chain_of_parents_is_released_on_a_small_stack() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory(.disk)
      var file = FileReference(path: directory.path)
      for _ in 0..<50_000 {
        let opened = try FileReference(path: directory.path).openDirectory(followSymbolicLink: false).get()
        file = FileReference(
          in: DirectoryReference(at: file, names: [46, 0], opened: opened), start: 0, count: 1, inode: 0)
      }
      #expect(file.pathCount == directory.path.count + 2 * 50_000)
      let last = Released(file)
      file = FileReference(path: [])
      await withCheckedContinuation { continuation in
        let thread = Thread {
          last.file.withLock { $0 = nil }
          continuation.resume()
        }
        thread.stackSize = 512 * 1024
        thread.start()
      }
      #expect(directory.openDescriptors == 0)
    }
  }
}

private final class Released: Sendable {
  let file: Mutex<FileReference?>
  init(_ file: FileReference) { self.file = Mutex(file) }
}

/// `top/middle/deepest/file`, listed to its ground, and beside it the same names with other bytes in `outside`.
private final class ListedTree: Sendable {
  let directory: TemporaryDirectory
  let file: FileReference

  init() throws {
    directory = try TemporaryDirectory(.disk)
    for name in ["top", "top/middle", "top/middle/deepest", "outside", "outside/deepest"] {
      try directory.makeDirectory(name)
    }
    try directory.write("inside".utf8, to: "top/middle/deepest/file")
    try directory.write("outside".utf8, to: "outside/deepest/file")
    var current = FileReference(path: directory.path("top"))
    for name in ["middle", "deepest", "file"] {
      let opened = try current.openDirectory(followSymbolicLink: false).get()
      let names = Array(name.utf8) + [0]
      current = FileReference(
        in: DirectoryReference(at: current, names: names, opened: opened), start: 0, count: name.utf8.count, inode: 0)
    }
    file = Self.listed(current, try Self.inode(directory.path("top/middle/deepest/file")))
  }

  /// The file, listed with the number of the one outside.
  func fileWithInodeOutside() throws -> FileReference {
    Self.listed(file, try Self.inode(directory.path("outside/deepest/file")))
  }

  private static func listed(_ file: FileReference, _ inode: UInt64) -> FileReference {
    FileReference(in: file.directory, start: 0, count: "file".utf8.count, inode: inode, listedKind: .regular)
  }

  private static func inode(_ path: [UInt8]) throws -> UInt64 {
    var status = stat()
    if path.withCString({ stat($0, &status) }) != 0 { throw Errno(rawValue: errno) }
    return UInt64(status.st_ino)
  }

  /// All of the process's, which is one of its own.
  func giveUpDescriptors() {
    while DirectoryDescriptors.giveUpOne() {}
    #expect(directory.openDescriptors == 0)
  }

  func rename(_ name: String, to other: String) throws {
    let result = directory.path(name).withCString { old in directory.path(other).withCString { Glibc.rename(old, $0) } }
    if result != 0 { throw Errno(rawValue: errno) }
  }

  func replaceMiddleByLink() throws {
    try rename("top/middle", to: "moved")
    try directory.makeLink("top/middle", to: "../outside")
  }

  func expectFailure(_ cause: FileError.Cause) async throws {
    let file = file
    try await onEveryEngine { engine in
      let error = try await failure { try await Place.onLane.run(engine) { _ = try await engine.contents(file) } }
      #expect(error == FileError(path: file.path, operation: .open, cause: cause))
    }
  }
}

private func onEveryEngine(_ body: (any FileEngine) async throws -> Void) async throws {
  for kind in EngineUnderTest.available { try await withEngine(kind, .small, body) }
}
