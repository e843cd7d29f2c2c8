import IOUring
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("fadvise"))
struct AdviseTests {
  @Test(arguments: FileAdvice.allCases) func advice_changes_no_contents(_ advice: FileAdvice) async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), "water") { file in
        try await withLoop { loop in
          try await loop.perform(.fadvise(file, advice))
          try await loop.perform(.fadvise(file, advice, offset: 1, count: 2))
          let buffer = IOBuffer(capacity: 8)
          #expect(buffer.text(try await loop.perform(.read(file, into: buffer, at: 0))) == "water")
        }
      }
    }
  }

  @Test func advice_that_the_file_is_not_needed_empties_its_cache() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), String(repeating: "x", count: 8192)) { file in
        try await withLoop { loop in
          try await loop.perform(.fsync(file))
          let buffer = IOBuffer(capacity: 8192)
          _ = try await loop.perform(.read(file, into: buffer, at: 0))
          // Another test may empty all caches in between.
          if readCached(file, into: buffer, at: 0) != .bytes(8192) {
            try Test.cancel("the file is not cached, or its file system cannot be asked")
          }
          // A page that compaction or another test's sync holds at that moment stays.
          var remains = true
          for _ in 1...1000 where remains {
            try await loop.perform(.fadvise(file, .dontNeed))
            remains = readCached(file, into: buffer, at: 0) != .notCached
          }
          #expect(!remains)
        }
      }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          for advice in FileAdvice.allCases {
            await #expect(throws: Errno.badFileDescriptor) {
              try await loop.perform(.fadvise(unopenedDescriptor, advice))
            }
            await #expect(throws: Errno.illegalSeek) { try await loop.perform(.fadvise(pipe.reading, advice)) }
          }
          await #expect(throws: Errno.invalidArgument) { try await loop.perform(.fadvise(file, .normal, count: -1)) }
          // 4 GiB and more, if the kernel supports it.
          do {
            try await loop.perform(.fadvise(file, .sequential, count: 1 << 40))
          } catch Errno.invalidArgument {
            try Test.cancel("the kernel takes no length of 4 GiB or more")
          }
        }
      }
    }
  }
}
