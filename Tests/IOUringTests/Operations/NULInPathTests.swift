import Foundation
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

/// What is before a NUL is another file's path. No operation may be on that file.
@Suite(.inTurn, .needsRing, .needs("mkdirat", "unlinkat", "renameat", "linkat", "symlinkat"))
struct NULInPathTests {
  private static func entries(_ path: FilePath, _ good: FilePath, _ file: FileDescriptor) -> [(String, SubmissionEntry)]
  {
    let memory = FileStatus.Memory()
    return [
      ("open", .open(path)),
      ("open to write", .open(path, .readWrite, options: [.create, .truncate])),
      ("open resolving", .open(path, resolving: [])),
      ("open unnamed", .openUnnamed(in: path)),
      ("open into a table", .open(path, into: DirectDescriptor(0))),
      ("open into any place", .openDirect(path)),
      ("status", .status(of: path, into: memory)),
      ("make directory", .makeDirectory(path)),
      ("unlink", .unlink(path)),
      ("remove directory", .removeDirectory(path)),
      ("rename from", .rename(path, to: good)),
      ("rename to", .rename(good, to: path)),
      ("exchange", .rename(good, to: path, options: .exchange)),
      ("link from", .link(path, to: good)),
      ("link to", .link(good, to: path)),
      ("link of a file", .link(file, to: path)),
      ("link by descriptor", .linkByDescriptor(file, to: path)),
      ("symbolic link at", .symbolicLink(path, to: good)),
      ("symbolic link to", .symbolicLink(good, to: path)),
    ]
  }

  /// The file before the NUL is there, or a directory, or nothing.
  @Test(arguments: ["file", "directory", "nothing"])
  func operation_on_a_path_with_a_nul_is_refused(_ name: String) async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"), "contents")
      try await withOpen(directory.appending("file")) { file in
        try await withLoop(Ring.Configuration(submissions: 32, operations: 64, fileTable: 1)) { loop in
          try await loop.makeDirectory(directory.appending("directory"))
          let (path, good) = (pathWithNUL(directory.appending(name)), directory.appending("good"))
          for (operation, entry) in Self.entries(path, good, file) {
            await #expect(throws: Errno.invalidArgument, "\(operation)") { try await loop.perform(entry) }
          }
        }
      }
      #expect(try contents(directory.appending("file")) == "contents")
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: directory.string)) == ["file", "directory"])
    }
  }

  /// A path with something behind a NUL. Of swift-system only release builds make one from a string; debug builds trap.
  /// Its storage is an array of bytes.
  private func pathWithNUL(_ path: FilePath) -> FilePath {
    let bytes = path.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: path.length)) }
    return unsafeBitCast(bytes + [0, 0x78, 0], to: FilePath.self)
  }
}
