import IOUring
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("poll_add"))
struct PollTests {
  @Test func poll_completes_with_the_events_that_are_there() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop async throws in
          #expect(try await loop.perform(.poll(pipe.writing, for: [.readable, .writable])) == .writable)
          #expect(try await loop.perform(.poll(file, for: [.readable, .writable])) == [.readable, .writable])
        }
      }
    }
  }

  @Test func poll_waits_for_what_is_not_there_yet() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let started = Latch()
      let task = Task(executorPreference: loop) {
        started.open()
        return try await loop.perform(.poll(pipe.reading, for: [.readable, .priority]))
      }
      await started.wait()
      for _ in 0..<10 { try await loop.perform(.noOperation()) }
      _ = try pipe.writing.writeAll([1])
      #expect(try await task.value == .readable)
    }
  }

  @Test func hang_up_and_error_are_always_waited_for() async throws {
    let (unwritten, unread) = (try SilentPipe(), try SilentPipe())
    defer {
      try? unwritten.reading.close()
      try? unread.writing.close()
    }
    try unwritten.writing.close()
    try unread.reading.close()
    try await withLoop { loop async throws in
      #expect(try await loop.perform(.poll(unwritten.reading, for: [])) == .hangUp)
      #expect(try await loop.perform(.poll(unread.writing, for: [])) == .error)
    }
  }

  @Test func cancelled_poll_ends() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let started = Latch()
      let task = Task(executorPreference: loop) {
        started.open()
        _ = try await loop.perform(.poll(pipe.reading, for: .readable))
      }
      await started.wait()
      task.cancel()
      await #expect(throws: Errno.canceled) { try await task.value }
      await #expect(throws: Errno.badFileDescriptor) {
        try await loop.perform(.poll(unopenedDescriptor, for: .readable))
      }
    }
  }
}
