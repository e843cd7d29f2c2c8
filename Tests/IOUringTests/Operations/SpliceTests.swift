import IOUring
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("splice"))
struct SpliceTests {
  @Test func file_is_copied_through_a_pipe() async throws {
    try await withTemporaryDirectory { directory in
      let pipe = try SilentPipe()
      defer { pipe.close() }
      try await withFile(directory.appending("from"), "a river of bytes") { input in
        try await withFile(directory.appending("to")) { output in
          try await withLoop { loop async throws in
            #expect(try await loop.perform(.splice(from: input, inputOffset: 2, to: pipe.writing, count: 5)) == 5)
            // The pipe has fewer bytes than requested.
            #expect(
              try await loop.perform(.splice(from: pipe.reading, to: output, outputOffset: 1, count: 1 << 40)) == 5)
            // Without an offset the position of the file is used, and moved.
            #expect(
              try await loop.perform(.splice(from: input, to: pipe.writing, count: 7, flags: [.move, .more])) == 7)
            #expect(try input.seek(offset: 0, from: .current) == 7)
            #expect(try await loop.perform(.splice(from: pipe.reading, to: output, outputOffset: 6, count: 7)) == 7)
            #expect(try await loop.perform(.splice(from: input, inputOffset: 16, to: pipe.writing, count: 1)) == 0)
          }
        }
      }
      #expect(try contents(directory.appending("to")) == "\0rivera river")
    }
  }

  @Test func cancelled_splice_stops_waiting_and_moves_nothing() async throws {
    let (empty, other) = (try SilentPipe(), try SilentPipe())
    defer {
      empty.close()
      other.close()
    }
    try await withLoop { loop in
      let started = Latch()
      let task = Task(executorPreference: loop) {
        started.open()
        return try await loop.perform(.splice(from: empty.reading, to: other.writing, count: 16))
      }
      await started.wait()
      // By now a worker thread waits in it, or will find it cancelled: both end alike.
      for _ in 0..<10 { try await loop.perform(.noOperation()) }
      task.cancel()
      await #expect(throws: Errno.canceled) { try await task.value }
      // Had the splice survived, it would take the byte.
      _ = try empty.writing.writeAll([7])
      #expect(try await loop.perform(.poll(empty.reading, for: .readable)) == .readable)
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), "text") { file in
        try await withLoop { loop in
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(.splice(from: file, to: file, count: 1))
          }
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(.splice(from: pipe.reading, to: pipe.writing, count: 1))
          }
          await #expect(throws: Errno.illegalSeek) {
            try await loop.perform(.splice(from: file, to: pipe.writing, outputOffset: 0, count: 1))
          }
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.splice(from: unopenedDescriptor, to: pipe.writing, count: 1))
          }
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.splice(from: pipe.reading, to: unopenedDescriptor, count: 1))
          }
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(
              .splice(from: file, to: pipe.writing, count: 1, flags: SpliceFlags(rawValue: 1 << 20)))
          }
        }
      }
    }
  }
}
