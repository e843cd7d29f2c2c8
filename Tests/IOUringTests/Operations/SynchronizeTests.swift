import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("fsync", "sync_file_range"))
struct SynchronizeTests {
  @Test func file_is_synchronized_in_every_way() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), "water") { file in
        try await withLoop { loop in
          try await loop.perform(.syncFileRange(file, offset: 0, count: 5, .write))
          try await loop.perform(.syncFileRange(file, [.waitBefore, .write, .waitAfter]))
          try await loop.perform(.fdatasync(file))
          try await loop.perform(.fsync(file))
        }
      }
      // A directory, so that its names outlive a crash.
      try await withOpen(directory) { start in
        try await withLoop { loop in try await loop.perform(.fsync(start)) }
      }
    }
  }

  @Test func errors_are_those_of_the_calls() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.fsync(unopenedDescriptor)) }
          await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.fdatasync(unopenedDescriptor)) }
          await #expect(throws: Errno.invalidArgument) { try await loop.perform(.fsync(pipe.writing)) }
          await #expect(throws: Errno.illegalSeek) { try await loop.perform(.syncFileRange(pipe.writing, .write)) }
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(.syncFileRange(file, offset: -1, .write))
          }
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(.syncFileRange(file, SyncRangeFlags(rawValue: 1 << 31)))
          }
        }
      }
    }
  }

  @Test func range_that_does_not_fit_stops_the_program() async {
    await #expect(processExitsWith: .failure) {
      _ = RingOperation.syncFileRange(.standardInput, count: 1 << 32, .write)
    }
  }
}
