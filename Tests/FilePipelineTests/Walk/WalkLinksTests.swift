import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@testable import FilePipeline

/// Walks that follow symbolic links.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WalkLinksTests {
  private static var following: WalkOptions {
    var options = WalkOptions()
    options.followsSymbolicLinks = true
    return options
  }

  @Test func files_and_directories_behind_links_come_under_both_names() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("real")
    try directory.write([], to: "real/file")
    try directory.makeLink("to-directory", to: "real")
    try directory.makeLink("to-file", to: "real/file")
    try directory.makeLink("to-link", to: "to-directory")
    let paths = ["real/file", "to-directory/file", "to-file", "to-link/file"].map(directory.path)
    #expect(try allMet([directory.path], Self.following).map(\.path) == paths)
    // A listed file is opened without following a link: the target of a followed link has no listed kind.
    var walk = DirectoryWalk([directory.path], options: Self.following)
    var kinds: [FileStatus.Kind?] = []
    // A batch ends before a directory whose listing has to wait.
    while let batch = try walk.nextBatch() { kinds += try batch.map { try $0.outcome.get().listedKind } }
    #expect(kinds == [.regular, .regular, nil, .regular])
  }

  @Test func links_that_lead_nowhere_are_failures() throws {
    let directory = try TemporaryDirectory()
    let missing = try directory.makeLink("missing", to: "nothing")
    let own = try directory.makeLink("self", to: "self")
    let below = try directory.makeLink("below", to: "file/name")
    try directory.write([], to: "file")
    let met = try allMet([directory.path], Self.following)
    #expect(met.map(\.path) == [below, directory.path("file"), missing, own])
    func failure(_ path: [UInt8], _ errno: Errno) -> FileError {
      FileError(path: path, operation: .stat, cause: .system(errno))
    }
    #expect(
      met.map(\.failure) == [
        failure(below, .notDirectory), nil, failure(missing, .noSuchFileOrDirectory),
        failure(own, .tooManySymbolicLinkLevels),
      ])
  }

  @Test func links_to_special_files_come_only_if_these_do() throws {
    let directory = try TemporaryDirectory()
    try directory.makePipe("fifo")
    let link = try directory.makeLink("link", to: "fifo")
    var options = Self.following
    options.includes = [.symbolicLinks, .directories]
    #expect(try allMet([directory.path], options).map(\.path) == [directory.path])
    options.includes = .specialFiles
    #expect(try allMet([directory.path], options).last == Met(link, depth: 1, .fifo))
  }

  @Test func loops_are_failures_and_not_entered() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("a")
    try directory.makeDirectory("a/b")
    try directory.write([], to: "a/b/file")
    try directory.makeLink("a/b/loop", to: "..")
    try directory.makeLink("a/b/root", to: directory.string)
    try directory.makeLink("a/b/self", to: ".")
    let met = try allMet([directory.path], Self.following)
    #expect(met.map(\.path) == ["file", "loop", "root", "self"].map { directory.path("a/b/\($0)") })
    let loop = FileError.Cause.system(.tooManySymbolicLinkLevels)
    #expect(met.map { $0.failure?.cause } == [nil, loop, loop, loop])
    #expect(met.dropFirst().allSatisfy { $0.failure?.operation == .list && $0.kind == .directory })
  }

  /// The directory that is its own ancestor is not the target of a link: it is reached below a link to its parent.
  @Test func a_root_below_what_a_link_leads_to_is_met_only_once() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("x")
    try directory.makeDirectory("x/y")
    try directory.write([], to: "x/y/file")
    try directory.write([], to: "x/file")
    try directory.makeLink("x/y/up", to: "..")
    for detector in [BlockingDetector(), waitingPace()] {
      let met = try allMet([directory.path("x/y")], Self.following, detector)
      #expect(met.map(\.path) == ["file", "up/file", "up/y"].map { directory.path("x/y/\($0)") })
      #expect(met.map { $0.failure?.cause } == [nil, nil, .system(.tooManySymbolicLinkLevels)])
    }
  }

  /// In a process of its own, which may hold only 16 directories open: those behind links are opened again.
  @Test func what_is_behind_links_is_read_without_descriptors_to_spare() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let expected = try makeLinkedDirectories(directory)
      var options = WalkOptions()
      options.followsSymbolicLinks = true
      try await lowerDescriptorLimit(to: 64)
      for kind in EngineUnderTest.available {
        try await withEngine(kind) { engine in
          var references: [FileReference] = []
          var walk = DirectoryWalk([directory.path("links")], options: options)
          while let batch = try walk.nextBatch() { references += try batch.map { try $0.outcome.get() } }
          #expect(references.map(\.path) == (10..<60).map { directory.path("links/\($0)/deep/file") })
          for (reference, bytes) in zip(references, expected) {
            #expect(try await engine.contents(reference).bytes == bytes, "\(kind)")
          }
        }
      }
    }
  }

  /// In a process of its own, as the one above.
  @Test func a_link_that_leads_elsewhere_meanwhile_is_not_followed_there() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let expected = try makeLinkedDirectories(directory)
      try directory.makeDirectory("elsewhere")
      try directory.makeDirectory("elsewhere/deep")
      try directory.write([255], to: "elsewhere/deep/file")
      var options = WalkOptions()
      options.followsSymbolicLinks = true
      try await lowerDescriptorLimit(to: 64)
      var references: [FileReference] = []
      var walk = DirectoryWalk([directory.path("links")], options: options)
      while let batch = try walk.nextBatch() { references += try batch.map { try $0.outcome.get() } }
      for number in 10..<60 {
        let link = directory.path("links/\(number)")
        _ = link.withCString { unlink($0) }
        try directory.makeLink("links/\(number)", to: "../elsewhere")
      }
      try await withEngine(.threads) { engine in
        var refused = 0
        for (reference, bytes) in zip(references, expected) {
          do throws(FileError) {
            let read = try await engine.contents(reference).bytes
            #expect(read == bytes)
          } catch {
            #expect(error.cause == .system(.staleNFSFileHandle))
            refused += 1
          }
        }
        #expect(refused > 0)
      }
    }
  }
}

/// Makes fifty links in `links` to directories, each with a subdirectory and a file in it. Returns the contents of the
/// files in the order of the links.
private func makeLinkedDirectories(_ directory: TemporaryDirectory) throws -> [[UInt8]] {
  try directory.makeDirectory("links")
  for number in 10..<60 {
    try directory.makeDirectory("\(number)")
    try directory.makeDirectory("\(number)/deep")
    try directory.write([UInt8(number)], to: "\(number)/deep/file")
    try directory.makeLink("links/\(number)", to: "../\(number)")
  }
  return (10..<60).map { [UInt8($0)] }
}
