import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@testable import FilePipeline

@Suite(.timeLimit(.minutes(5)))
struct WalkStatusTests {
  private static func wanting(_ kinds: WalkOptions.Kinds = []) -> WalkOptions {
    var options = WalkOptions()
    (options.wantsStatus, options.includes) = (true, kinds)
    return options
  }

  private func entries(_ roots: [[UInt8]], _ options: WalkOptions) throws -> [WalkEntry] {
    var walk = DirectoryWalk(roots, options: options)
    var entries: [WalkEntry] = []
    while let batch = try walk.nextBatch() { entries += batch }
    return entries
  }

  @Test func status_is_what_lstat_says() throws {
    let directory = try TemporaryDirectory()
    _ = try RandomTree.fill(directory, seed: 4)
    let entries = try entries([directory.path], Self.wanting(.all))
    #expect(entries.count > 20)
    for entry in entries {
      let status = try #require(entry.status)
      var expected = stat()
      try #require(entry.path.withCString { lstat($0, &expected) } == 0)
      #expect(status.kind == entry.kind && status.kind == FileStatus.Kind(mode: expected.st_mode))
      #expect(status.size == Int64(expected.st_size) && status.inode == UInt64(expected.st_ino))
      #expect(status.linkCount == UInt32(expected.st_nlink) && status.owner == expected.st_uid)
      #expect(status.modified == .seconds(expected.st_mtim.tv_sec) + .nanoseconds(expected.st_mtim.tv_nsec))
    }
  }

  @Test func status_is_that_of_what_was_followed() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([1, 2, 3], to: "file")
    let link = try directory.makeLink("link", to: "file")
    var options = Self.wanting()
    options.followsSymbolicLinks = true
    let inside = try entries([directory.path], options)
    #expect(inside.map(\.path) == [file, link])
    #expect(inside.map { $0.status?.size } == [3, 3])
    #expect(inside.map { $0.status?.kind } == [.regular, .regular])
    // Also of the target of a link.
    #expect(inside[0].inode == inside[1].inode)
    // A root is always followed.
    let root = try entries([link], Self.wanting())
    #expect(root.map { $0.status?.size } == [3])
    let links = try entries([directory.path], Self.wanting(.symbolicLinks))
    #expect(links.map { $0.status?.kind } == [.regular, .symbolicLink])
  }

  @Test func no_status_comes_unless_it_is_wanted() throws {
    let directory = try TemporaryDirectory()
    try directory.write([], to: "file")
    #expect(try entries([directory.path], WalkOptions()).map { $0.status == nil } == [true])
  }

  /// They are removed between the listing of the directory and the reading of their status.
  @Test func what_is_gone_by_then_is_a_failure_in_its_place() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "d", "e"] { try directory.write([], to: name) }
    try directory.makeDirectory("c")
    var options = Self.wanting()
    options.descends = { entry in
      if entry.depth == 1 { for name in ["b", "e"] { _ = directory.path(name).withCString { unlink($0) } } }
      return true
    }
    let entries = try entries([directory.path], options)
    #expect(entries.map(\.path) == ["a", "b", "d", "e"].map(directory.path))
    let failures = entries.map { Met($0).failure }
    let gone = ["b", "e"].map { name in
      FileError(path: directory.path(name), operation: .stat, cause: .system(.noSuchFileOrDirectory))
    }
    #expect(failures == [nil, gone[0], nil, gone[1]])
  }

  @Test func filter_and_descent_are_asked_with_the_status() throws {
    let directory = try TemporaryDirectory()
    try directory.write([UInt8](repeating: 0, count: 100), to: "large")
    try directory.write([1], to: "small")
    try directory.makeDirectory("private")
    try directory.write([1], to: "private/file")
    _ = directory.path("private").withCString { chmod($0, 0o700) }
    var options = Self.wanting()
    options.filter = { $0.status!.size < 50 }
    options.descends = { $0.depth == 0 || $0.status!.permissions.contains(.otherRead) }
    #expect(try entries([directory.path], options).map(\.path) == [directory.path("small")])
  }
}
