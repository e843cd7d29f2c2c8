import Foundation
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

/// The bytes before a NUL are another file's path. No operation may be performed on that file.
@Suite(.inTurn, .needsRing, .needs("mkdirat", "unlinkat", "renameat", "linkat", "symlinkat"))
struct NULInPathTests {
  private static func operations(
    _ path: FilePath, _ good: FilePath, _ file: FileDescriptor
  ) -> [(String, OperationChain)] {
    let memory = FileStatus.Memory()
    return [
      ("open", OperationChain(.open(path))),
      ("open to write", OperationChain(.open(path, .readWrite, options: [.create, .truncate]))),
      ("open resolving", OperationChain(.open(path, resolving: []))),
      ("open unnamed", OperationChain(.openUnnamed(in: path))),
      ("open into a table", OperationChain(.open(path, into: DirectDescriptor(0)))),
      ("open into any place", OperationChain(.openDirect(path))),
      ("status", OperationChain(.status(of: path, into: memory))),
      ("make directory", OperationChain(.makeDirectory(path))),
      ("unlink", OperationChain(.unlink(path))),
      ("remove directory", OperationChain(.removeDirectory(path))),
      ("rename from", OperationChain(.rename(path, to: good))),
      ("rename to", OperationChain(.rename(good, to: path))),
      ("exchange", OperationChain(.rename(good, to: path, options: .exchange))),
      ("link from", OperationChain(.link(path, to: good))),
      ("link to", OperationChain(.link(good, to: path))),
      ("link of a file", OperationChain(.link(file, to: path))),
      ("link by descriptor", OperationChain(.linkByDescriptor(file, to: path))),
      ("symbolic link at", OperationChain(.symbolicLink(path, to: good))),
      ("symbolic link to", OperationChain(.symbolicLink(good, to: path))),
    ]
  }

  /// The path before the NUL is a file, a directory, or does not exist.
  @Test(arguments: ["file", "directory", "nothing"])
  func operation_on_a_path_with_a_nul_is_refused(_ name: String) async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"), "contents")
      try await withOpen(directory.appending("file")) { file in
        try await withLoop(Ring.Configuration(submissions: 32, operations: 64, fileTable: 1)) { loop in
          try await loop.perform(.makeDirectory(directory.appending("directory")))
          let (path, good) = (pathWithNUL(directory.appending(name)), directory.appending("good"))
          for (name, operation) in Self.operations(path, good, file) {
            #expect(await loop.perform(operation) == [.failure(.invalidArgument)], "\(name)")
          }
        }
      }
      #expect(try contents(directory.appending("file")) == "contents")
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: directory.string)) == ["file", "directory"])
    }
  }

  /// A path with bytes behind a NUL. Only release builds of swift-system make one from a string; debug builds trap. The
  /// storage of a path is an array of bytes.
  private func pathWithNUL(_ path: FilePath) -> FilePath {
    let bytes = path.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: path.length)) }
    return unsafeBitCast(bytes + [0, 0x78, 0], to: FilePath.self)
  }
}
