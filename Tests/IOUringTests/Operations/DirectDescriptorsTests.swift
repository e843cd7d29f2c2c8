import Foundation
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct DirectDescriptorsTests {
  private func withTableLoop<R: Sendable>(
    operations: UInt32 = 64, _ body: (RingLoop) async throws -> R
  ) async throws -> R {
    try await withLoop(Ring.Configuration(submissions: 32, operations: operations, fileTable: 4), body)
  }

  private func chain(_ path: FilePath, _ buffer: IOBuffer, _ place: DirectDescriptor) -> OperationChain {
    OperationChain(.open(path, into: place)).then(.read(place, into: buffer, at: 0)).always(.close(place))
  }

  @Test func open_read_and_close_are_one_value() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      try Data("water".utf8).write(to: URL(fileURLWithPath: path.string))
      try await withTableLoop { loop in
        let buffer = IOBuffer(capacity: 64)
        // An index can be used again once the close has completed.
        for _ in 0..<20 {
          let results = await loop.perform(chain(path, buffer, DirectDescriptor(3)))
          #expect(results == [.success(0), .success(5), .success(0)])
          #expect(buffer.text(5) == "water")
        }
      }
    }
  }

  @Test func open_write_synchronize_and_close_are_one_value() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      try await withTableLoop { loop in
        let place = DirectDescriptor(1)
        let results = await loop.perform(
          OperationChain(.open(path, .writeOnly, options: [.create], into: place))
            .then(.write(place, from: IOBuffer("water", capacity: 16), count: 5, at: 0))
            .then(.fdatasync(place))
            .then(.fsync(place))
            .always(.close(place)))
        #expect(results == [.success(0), .success(5), .success(0), .success(0), .success(0)])
        let written = try contents(path)
        #expect(written == "water")
        for operation in [RingOperation.fsync(place), .fdatasync(place)] {
          await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(operation) }
        }
      }
    }
  }

  @Test func an_open_that_fails_says_why_and_its_followers_are_cancelled() async throws {
    try await withTableLoop { loop in
      let results = await loop.perform(chain("/nowhere/at/all", IOBuffer(capacity: 64), DirectDescriptor(0)))
      #expect(results == [.failure(.noSuchFileOrDirectory), .failure(.canceled), .failure(.canceled)])
    }
  }

  @Test func the_kernel_chooses_free_indices_and_no_ordinary_descriptors() async throws {
    try await withTableLoop { loop in
      var places: Set<UInt32> = []
      for _ in 0..<4 { places.insert(try await loop.perform(.openDirect("/dev/null")).index) }
      #expect(places == [0, 1, 2, 3])
      await #expect(throws: Errno.tooManyOpenFilesInSystem) { try await loop.perform(.openDirect("/dev/null")) }
      try await loop.perform(.close(DirectDescriptor(2)))
      #expect(try await loop.perform(.openDirect("/dev/null")).index == 2)
    }
  }

  @Test func an_empty_index_and_one_outside_the_table_are_refused() async throws {
    try await withTableLoop { loop in
      let buffer = IOBuffer(capacity: 64)
      await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.close(DirectDescriptor(1))) }
      await #expect(throws: Errno.badFileDescriptor) {
        try await loop.perform(.read(DirectDescriptor(1), into: buffer, at: 0))
      }
      await #expect(throws: Errno.invalidArgument) {
        try await loop.perform(.open("/dev/null", into: DirectDescriptor(4)))
      }
    }
  }

  @Test func a_file_is_copied_by_one_chain() async throws {
    try await withTemporaryDirectory { directory in
      let (source, target) = (directory.appending("source"), directory.appending("target"))
      try Data(repeating: 7, count: 4096).write(to: URL(fileURLWithPath: source.string))
      try await withTableLoop { loop in
        let (input, output) = (DirectDescriptor(0), DirectDescriptor(1))
        let buffer = IOBuffer(capacity: 4096)
        let results = await loop.perform(
          OperationChain(.open(source, into: input))
            .then(.open(target, .writeOnly, options: [.create], permissions: .ownerReadWrite, into: output))
            .then(.read(input, into: buffer, at: 0))
            .then(.write(output, from: buffer, at: 0))
            .always(.close(input)).always(.close(output)))
        #expect(results == [.success(0), .success(0), .success(4096), .success(4096), .success(0), .success(0)])
      }
      #expect(FileManager.default.contentsEqual(atPath: source.string, andPath: target.string))
    }
  }

  @Test func files_are_opened_read_written_and_closed_by_calls() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      try await withTableLoop { loop in
        let file = try await loop.perform(
          .openDirect(path, .readWrite, options: [.create], permissions: .ownerReadWrite))
        #expect(try await loop.perform(.write(file, from: IOBuffer("water", capacity: 8), count: 5, at: 0)) == 5)
        let buffer = IOBuffer(capacity: 8)
        let count = try await loop.perform(.read(file, into: buffer, at: 1))
        #expect(buffer.text(count) == "ater")
        try await loop.perform(.close(file))
        await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.read(file, into: buffer, at: 0)) }
      }
    }
  }

  @Test func cancelled_task_closes_its_file_when_there_is_a_slot() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTableLoop(operations: 1) { loop in
      let file = try await loop.perform(.openDirect("/dev/null"))
      let holder = Task(executorPreference: loop) {
        try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1))
      }
      await loop.waitForOperationsInFlight(2)
      let closing = Task(executorPreference: loop) {
        withUnsafeCurrentTask { $0?.cancel() }
        try await loop.perform(.close(file))
      }
      await loop.waitForBacklog()
      holder.cancel()
      try await closing.value
      await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.close(file)) }
    }
  }
}
