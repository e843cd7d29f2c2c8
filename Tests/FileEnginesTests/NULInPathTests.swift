import FileEngines
import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

/// A path with a NUL names no file. The kernel would take what is before the NUL, so it must never get one.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct NULInPathTests {
  private static let behind = Array("\0.txt".utf8)

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func no_engine_reads_what_is_named_before_a_nul(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let file = try directory.write([1], to: "file")
    let paths = [file + Self.behind, file + [0], [0] + file, directory.path + [0] + Array("/file".utf8), [0]]
    try await withEngine(kind) { engine in
      for path in paths {
        for kind in [nil, .regular] as [FileStatus.Kind?] {
          let reference = FileReference(path: path, inode: 1, listedKind: kind)
          let reading = try await failure {
            try await place.run(engine) { _ = try await engine.contents(reference) }
          }
          #expect(reading == FileError(path: path, operation: .open, cause: .nulInPath))
          let opening = try await failure {
            try await place.run(engine) { await engine.close(try await engine.open(reference)) }
          }
          #expect(opening == reading)
        }
      }
      #expect(FileError(path: file + [0], operation: .open, cause: .nulInPath).reason.contains("NUL"))
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: Circumstances.all)
  func no_engine_writes_what_is_named_before_a_nul(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1], to: "file")
    try directory.makeDirectory("directory")
    let source = directory.reference("file")
    // At the end of the name, within it, and in the name of its directory.
    let targets = ["file\0.txt", "new\0.txt", "directory\0/new", "file\0"].map(directory.reference)
    try await withEngine(now.kind) { engine in
      for target in targets {
        let calls: [(FileError.Operation, @Sendable () async throws -> Void)] = [
          (.create, { try await engine.writeFile(at: target, contents: [2], options: now.temporary.options()) }),
          (
            .create,
            {
              try await engine.writeFile(at: target, options: now.temporary.options()) { try await $0.write([2]) }
            }
          ),
          (.create, { try await engine.copyFile(from: source, to: target, options: now.temporary.copyOptions()) }),
          (.open, { try await engine.copyFile(from: target, to: source, options: now.temporary.copyOptions()) }),
          (.open, { try await engine.close(try await engine.openForWriting(target, .existing, permissions: [])) }),
          (.open, { try await engine.close(try await engine.openForWriting(target, .create, permissions: [])) }),
          (
            .open,
            { try await engine.close(try await engine.openForWriting(target, .createExclusively, permissions: [])) }
          ),
        ]
        for (operation, call) in calls {
          let error = try await failure { try await now.place.run(engine, call) }
          #expect(error == FileError(path: target.path, operation: operation, cause: .nulInPath))
        }
      }
    }
    #expect(directory.listing == ["directory", "file"])
    #expect(try directory.bytes("file") == [1])
    #expect(TemporaryDirectory.names(in: directory.path("directory")).isEmpty)
    #expect(directory.openDescriptors == 0)
  }

  @Test func no_call_of_a_reference_looks_at_what_is_named_before_a_nul() throws {
    let directory = try TemporaryDirectory(.disk)
    let reference = FileReference(path: directory.path + Self.behind)
    #expect(throws: Errno.invalidArgument) { try reference.openDirectory(followSymbolicLink: true).get() }
    #expect(throws: Errno.invalidArgument) { try reference.kindFollowingLinks().get() }
    reference.dropFromPageCache()
    #expect(directory.openDescriptors == 0)
  }

  /// A file system may answer `EINVAL`, too.
  @Test func an_invalid_argument_of_any_other_file_is_the_kernel_s() {
    let error = FileError(path: [1], operation: .read, cause: .system(.invalidArgument))
    #expect(error.cause == .system(.invalidArgument))
  }
}
