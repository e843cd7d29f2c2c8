import IOUring
import SystemPackage
import TestTurns
import Testing

/// Files without a name, and the operations that give them one.
@Suite(.inTurn, .needsRing, .needs("linkat"))
struct OpenUnnamedTests {
  @Test func unnamed_file_gets_a_name_by_proc() async throws {
    try await withUnnamedFile { loop, file, directory in
      try await loop.perform(.link(file, to: directory.appending("named")))
      #expect(try contents(directory.appending("named")) == "water")
      await #expect(throws: Errno.fileExists) { try await loop.perform(.link(file, to: directory.appending("named"))) }
    }
  }

  @Test func unnamed_file_gets_a_name_by_its_descriptor() async throws {
    try await withUnnamedFile { loop, file, directory in
      try await withOpen(directory) { start in
        do {
          try await loop.perform(.linkByDescriptor(file, to: "named", at: start))
          #expect(try contents(directory.appending("named")) == "water")
        } catch Errno.noSuchFileOrDirectory {
          // Without the capability, on a kernel older than Linux 6.10. Nothing was made.
          #expect(throws: (any Error).self) { try contents(directory.appending("named")) }
        }
      }
    }
  }

  @Test func unnamed_file_that_is_closed_leaves_nothing() async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        let file = try await openUnnamed(loop, directory)
        try await loop.perform(.close(file))
        // The directory is empty, so it can be removed and made again.
        try await loop.perform(.removeDirectory(directory))
        try await loop.perform(.makeDirectory(directory))
      }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.openUnnamed(in: directory.appending("none")))
        }
        await #expect(throws: Errno.invalidArgument) { try await loop.perform(.openUnnamed(in: directory, .readOnly)) }
      }
    }
  }

  private func withUnnamedFile(_ body: (RingLoop, FileDescriptor, FilePath) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        let file = try await openUnnamed(loop, directory)
        _ = try await loop.perform(.write(file, from: IOBuffer("water", capacity: 5), at: 0))
        try await body(loop, file, directory)
        try await loop.perform(.close(file))
      }
    }
  }

  /// Skips the test aloud where the file system has no such files.
  private func openUnnamed(_ loop: RingLoop, _ directory: FilePath) async throws -> FileDescriptor {
    do throws(Errno) {
      return try await loop.perform(.openUnnamed(in: directory))
    } catch {
      if error == .notSupportedOnSocket { try Test.cancel("the file system of \(directory) has no O_TMPFILE") }
      throw error
    }
  }
}
