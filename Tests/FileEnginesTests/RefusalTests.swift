import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// What cannot be opened, with the same error from every engine, and never a hang.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct RefusalTests {
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func what_is_no_file_is_refused_with_its_cause(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let file = try directory.write([1], to: "file")
    let loop = try directory.makeLink("loop", to: "loop")
    // Longer than a system call takes, and missing from the first directory on.
    let long = directory.path(String(repeating: "name/", count: 1000) + "end")
    let cases: [(path: [UInt8], cause: FileError.Cause)] = [
      (directory.path("missing"), .system(.noSuchFileOrDirectory)),
      (directory.path("missing/file"), .system(.noSuchFileOrDirectory)),
      ([], .system(.noSuchFileOrDirectory)),
      (file + [UInt8(ascii: "/")], .system(.notDirectory)),
      (long, .system(.noSuchFileOrDirectory)),
      (directory.path(String(repeating: "n", count: 256)), .system(.fileNameTooLong)),
      (loop, .system(.tooManySymbolicLinkLevels)),
      (directory.path, .isDirectory),
      (try directory.makePipe("fifo"), .notRegular),
      (try directory.makeSocket("socket"), .notRegular),
      (Array("/dev/null".utf8), .notRegular),
    ]
    try await withEngine(kind) { engine in
      for (path, cause) in cases {
        let error = try await failure {
          try await place.run(engine) { _ = try await engine.contents(path) }
        }
        #expect(error == FileError(path: path, operation: .open, cause: cause))
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  /// Between the listing of a directory and the opening of its files anything may take a file's place.
  @Test(arguments: EngineUnderTest.allCases)
  func listed_file_that_something_else_has_replaced_is_refused(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.makePipe("fifo")
    try directory.makeDirectory("directory")
    let place = try directory.reference(names: ["fifo", "directory", "missing"].map { Array($0.utf8) })
    let cases: [(start: Int, count: Int, cause: FileError.Cause)] = [
      (0, 4, .notRegular), (5, 9, .isDirectory), (15, 7, .system(.noSuchFileOrDirectory)),
    ]
    try await withEngine(kind) { engine in
      for (start, count, cause) in cases {
        let file = FileReference(in: place, start: start, count: count, inode: 1, listedKind: .regular)
        let error = try await failure {
          try await Place.onLane.run(engine) { _ = try await engine.contents(file) }
        }
        #expect(error == FileError(path: file.path, operation: .open, cause: cause))
      }
    }
    // The directory's own.
    #expect(directory.openDescriptors == 1)
  }

  /// In a process of its own, which gives up root's right to read everything.
  @Test(arguments: EngineUnderTest.allCases)
  func file_without_permission_is_refused(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest] in
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      let directory = try TemporaryDirectory(.disk)
      let path = try directory.write([1], to: "secret")
      #expect(path.withCString { chmod($0, 0) } == 0)
      try await withEngine(kind) { engine in
        let error = try await failure { _ = try await engine.contents(path) }
        #expect(error == FileError(path: path, operation: .open, cause: .system(.permissionDenied)))
      }
    }
  }
}
