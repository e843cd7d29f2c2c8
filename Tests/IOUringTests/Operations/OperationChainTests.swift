import Foundation
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct OperationChainTests {
  private func withFile<R>(_ contents: String, _ body: (FilePath, FileDescriptor) async throws -> R) async throws -> R {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      let file = try FileDescriptor.open(path, .readWrite, options: [.create], permissions: .ownerReadWrite)
      defer { try? file.close() }
      _ = try file.writeAll(contents.utf8)
      return try await body(path, file)
    }
  }

  @Test func what_follows_begins_when_the_first_has_succeeded() async throws {
    try await withFile("") { path, file in
      try await withLoop { loop in
        let buffer = IOBuffer(capacity: 16)
        let results = await loop.perform(
          OperationChain(.write(file, from: IOBuffer("water", capacity: 16), count: 5, at: 0))
            .then(.read(file, into: buffer, count: 5, at: 0)))
        #expect(results == [.success(5), .success(5)])
        #expect(buffer.text(5) == "water")
      }
    }
  }

  @Test func a_failure_cancels_what_follows_it() async throws {
    try await withFile("") { path, file in
      try await withLoop { loop in
        let nobodys = FileDescriptor(rawValue: .max)
        let results = await loop.perform(
          OperationChain(.read(nobodys, into: IOBuffer(capacity: 16), at: 0)).then(.noOperation()).then(.noOperation()))
        #expect(results == [.failure(.badFileDescriptor), .failure(.canceled), .failure(.canceled)])
      }
    }
  }

  /// What the engines rely on; the comment of `OperationChain.then` lists what they must not rely on.
  @Test func a_failed_open_and_a_failed_or_short_write_cancel_what_follows() async throws {
    try await withFile("") { path, _ in
      try await withLoop { loop in
        let missing = RingOperation.open(path.appending("missing"))
        #expect(await loop.perform(OperationChain(missing).then(.noOperation()))[1] == .failure(.canceled))
        let reading = try FileDescriptor.open(path, .readOnly)
        defer { try? reading.close() }
        let write = RingOperation.write(reading, from: IOBuffer("water", capacity: 16), at: 0)
        let results = await loop.perform(OperationChain(write).then(.noOperation()))
        #expect(results == [.failure(.badFileDescriptor), .failure(.canceled)])
      }
    }
  }

  @Test func a_chain_to_its_end_does_not_heed_that_its_task_is_cancelled() async throws {
    try await withFile("") { path, file in
      try await withLoop { loop in
        for count in [1, 3] {
          let results = try await Task(executorPreference: loop) {
            withUnsafeCurrentTask { $0?.cancel() }
            var chain = OperationChain(.write(file, from: IOBuffer("water", capacity: 16), count: 5, at: 0))
            for _ in 1..<count { chain = chain.then(.noOperation()) }
            return try await loop.performToEnd(chain)
          }.value
          #expect(results == [5] + Array(repeating: 0, count: count - 1))
        }
        // From another thread, and with a failure.
        let failed = try await loop.performToEnd(
          OperationChain(.read(FileDescriptor(rawValue: .max), into: IOBuffer(capacity: 16), at: -1)).then(
            .noOperation()))
        #expect(failed == [-EBADF, -ECANCELED])
        var long = OperationChain(.noOperation())
        for _ in 0..<5000 { long = long.then(.noOperation()) }
        await #expect(throws: Errno.invalidArgument) { try await loop.performToEnd(long) }
        await loop.shutDown()
        await #expect(throws: Errno.socketShutdown) { try await loop.performToEnd(OperationChain(.noOperation())) }
      }
    }
  }

  @Test func a_short_read_is_no_success_but_does_not_keep_what_always_follows() async throws {
    try await withFile("short") { path, file in
      try await withLoop { loop in
        let read = RingOperation.read(file, into: IOBuffer(capacity: 16), at: 0)
        #expect(await loop.perform(OperationChain(read).then(.noOperation())) == [.success(5), .failure(.canceled)])
        #expect(await loop.perform(OperationChain(read).always(.noOperation())) == [.success(5), .success(0)])
      }
    }
  }

  @Test func an_operation_within_its_time_keeps_its_result() async throws {
    try await withLoop { loop in
      let buffer = IOBuffer(capacity: 16)
      let zeros = try FileDescriptor.open("/dev/zero", .readOnly)
      defer { try? zeros.close() }
      #expect(try await loop.perform(.read(zeros, into: buffer, at: 0), within: .seconds(100)) == 16)
    }
  }

  @Test func an_operation_that_takes_longer_is_timed_out() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let read = RingOperation.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
      await #expect(throws: Errno.timedOut) { try await loop.perform(read, within: .milliseconds(1)) }
      // The operation that the timeout belongs to has the result, not the one that follows.
      let results = await loop.perform(OperationChain(read).within(.milliseconds(1)).always(.noOperation()))
      #expect(results == [.failure(.timedOut), .success(0)])
      let cut = await loop.perform(OperationChain(read).within(.milliseconds(1)).then(.noOperation()))
      #expect(cut == [.failure(.timedOut), .failure(.canceled)])
    }
  }

  @Test func cancelling_the_task_is_no_timeout() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let task = Task(executorPreference: loop) {
        let read = RingOperation.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
        return try await loop.perform(read, within: .seconds(1000))
      }
      try await loop.perform(.noOperation())
      task.cancel()
      task.cancel()
      await #expect(throws: Errno.canceled) { try await task.value }
    }
  }

  @Test func cancelling_the_task_ends_each_operation_of_a_chain_that_goes_on_whatever_happens() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      for _ in 0..<200 {
        let task = Task(executorPreference: loop) {
          var chain = OperationChain(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
          for _ in 0..<4 { chain = chain.always(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)) }
          return await loop.perform(chain)
        }
        try await loop.perform(.noOperation())
        task.cancel()
        #expect(await task.value == Array(repeating: .failure(.canceled), count: 5))
      }
      let alive = loop.statistics.strayCompletions
      #expect(alive == 0)
    }
  }

  @Test func chains_wait_for_room_for_all_of_them_and_are_never_split() async throws {
    // A queue of 32 entries, and 24 operations: chains of seven fill neither.
    try await withLoop(operations: 24) { loop in
      try await withThrowingTaskGroup(of: [Result<Int32, Errno>].self) { group in
        for number in 0..<200 {
          group.addTask(executorPreference: loop) {
            if number % 3 == 0 { try await loop.perform(.noOperation()) }
            var chain = OperationChain(.noOperation())
            for _ in 1..<7 { chain = chain.then(.noOperation()) }
            return await loop.perform(chain)
          }
        }
        for try await results in group { #expect(results == Array(repeating: .success(0), count: 7)) }
      }
    }
  }

  @Test func a_chain_that_fits_nowhere_is_refused() async throws {
    try await withLoop(operations: 4) { loop in
      var chain = OperationChain(.noOperation())
      for _ in 1..<5 { chain = chain.then(.noOperation()) }
      let results = await loop.perform(chain)
      #expect(results == Array(repeating: .failure(.invalidArgument), count: 5))
    }
    var ring = try Ring(Ring.Configuration(submissions: 2, operations: 2))
    let three = OperationChain(.noOperation()).then(.noOperation()).then(.noOperation())
    #expect(throws: Errno.invalidArgument) { try ring.push(three) }
  }

  @Test func a_ring_takes_all_of_a_chain_or_nothing() throws {
    var ring = try Ring(Ring.Configuration(submissions: 4, operations: 4))
    let chain = OperationChain(.noOperation()).then(.noOperation()).then(.noOperation())
    let pushed = try #require(try ring.push(chain))
    let refused = try ring.push(chain)
    #expect(refused == nil)
    let inFlight = ring.inFlight
    #expect(inFlight == 3)
    try ring.submit(waitingFor: 3)
    var completions: [Ring.Completion] = []
    #expect(ring.takeCompletions { completions.append($0) } == 1)
    #expect(completions == [Ring.Completion(id: pushed, results: [0, 0, 0], buffer: nil)])
    #expect(try ring.push(chain) != nil)
  }

  @Test func time_that_is_up_is_told_from_an_interruption() {
    let chain = OperationChain(.noOperation()).within(.seconds(1)).always(.noOperation())
    for (raw, expected) in [
      ([-ECANCELED, -ETIME, 0], Errno.timedOut), ([-EINTR, -ETIME, 0], .timedOut),
      // A worker thread was performing it, and had to be interrupted.
      ([-EINTR, -EALREADY, 0], .timedOut), ([-EINTR, -ECANCELED, 0], .interrupted),
      ([-ECANCELED, -ECANCELED, 0], .canceled), ([-EIO, -ETIME, 0], .ioError),
    ] {
      #expect(chain.results(raw) == [.failure(expected), .success(0)])
    }
    #expect(chain.results([7, -ETIME, 0]) == [.success(7), .success(0)])
  }

  /// A linked timeout does not reach an operation that a worker thread begins.
  @Test func an_operation_that_waits_in_a_worker_thread_is_timed_out() async throws {
    let (empty, other) = (try SilentPipe(), try SilentPipe())
    defer {
      empty.close()
      other.close()
    }
    try await withLoop { loop in
      let splice = RingOperation.splice(from: empty.reading, to: other.writing, count: 16)
      await #expect(throws: Errno.timedOut) { try await loop.perform(splice, within: .milliseconds(1)) }
      // Had it survived, it would take the byte.
      try empty.writing.writeAll([7])
      #expect(try await loop.perform(.poll(empty.reading, for: .readable)) == .readable)
    }
  }

  @Test func cancelled_and_timed_out_at_the_same_moment_is_one_of_the_two() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(operations: 4) { loop in
      for round in 0..<400 {
        let task = Task(executorPreference: loop) {
          let read = RingOperation.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
          let time = Duration.microseconds(round % 40)
          if round % 2 == 0 { return await loop.perform(OperationChain(read).within(time)) }
          do throws(Errno) {
            return [.success(Int32(try await loop.perform(read, within: time)))]
          } catch {
            return [.failure(error)]
          }
        }
        for _ in 0..<round % 7 { try await loop.perform(.noOperation()) }
        task.cancel()
        let results = await task.value
        #expect(results == [.failure(.canceled)] || results == [.failure(.timedOut)])
      }
      // All slots are free.
      await loop.waitForNothingInFlight()
      #expect(loop.statistics.strayCompletions == 0)
    }
  }

  @Test func a_follower_that_cannot_be_found_yet_costs_a_closing_loop_no_turns() async throws {
    try await withFile("") { path, file in
      let loop = try RingLoop(Ring.Configuration(operations: 8))
      let task = Task(executorPreference: loop) {
        // It takes a while, and a worker thread cannot be interrupted in it.
        let buffer = IOBuffer(capacity: 64 << 20)
        buffer.withMutableBytes { _ in }
        return await loop.perform(OperationChain(.write(file, from: buffer, at: 0)).then(.noOperation()))
      }
      await loop.waitForOperationsInFlight(3)
      try await loop.perform(.noOperation())
      let before = loop.statistics.enters
      await loop.shutDown()
      #expect(loop.statistics.enters - before < 20)
      #expect(await task.value.count == 2)
    }
  }

  @Test func a_follower_that_the_disk_is_performing_is_not_asked_for_without_end() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      let size = 16 << 20
      try Data(repeating: 1, count: size).write(to: URL(fileURLWithPath: path.string))
      guard let file = try? FileDescriptor.open(path, .readOnly, options: .direct) else {
        try Test.cancel("no O_DIRECT here")
      }
      defer { try? file.close() }
      try await withLoop { loop in
        for _ in 0..<5 {
          let task = Task(executorPreference: loop) {
            let read = RingOperation.read(file, into: IOBuffer(capacity: size), at: 0)
            return await loop.perform(OperationChain(.noOperation()).always(read))
          }
          for _ in 0..<2 { try await loop.perform(.noOperation()) }
          let before = loop.statistics.enters
          task.cancel()
          #expect(await task.value[0] == .success(0))
          #expect(loop.statistics.enters - before < 100)
        }
      }
    }
  }
}
