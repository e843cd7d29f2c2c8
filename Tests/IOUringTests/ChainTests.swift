import IOUring
import SystemPackage
import Testing

@Suite(.needsRing, .timeLimit(.minutes(5)))
struct ChainTests {
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

  @Test func a_short_read_is_no_success_but_does_not_keep_what_always_follows() async throws {
    try await withFile("short") { path, file in
      try await withLoop { loop in
        let read = SubmissionEntry.read(file, into: IOBuffer(capacity: 16), at: 0)
        #expect(await loop.perform(OperationChain(read).then(.noOperation())) == [.success(5), .failure(.canceled)])
        #expect(await loop.perform(OperationChain(read).always(.noOperation())) == [.success(5), .success(0)])
      }
    }
  }

  @Test func an_operation_within_its_time_keeps_its_result() async throws {
    try await withLoop { loop in
      let result = try await loop.perform(.noOperation(), within: .seconds(100))
      #expect(result == 0)
    }
  }

  @Test func an_operation_that_takes_longer_is_timed_out() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let read = SubmissionEntry.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
      await #expect(throws: Errno.timedOut) { try await loop.perform(read, within: .milliseconds(1)) }
      // What the timeout was for, and not what follows it, has the result.
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
        let read = SubmissionEntry.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
        return try await loop.perform(read, within: .seconds(1000))
      }
      try await loop.noOperation()
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
        try await loop.noOperation()
        task.cancel()
        #expect(await task.value == Array(repeating: .failure(.canceled), count: 5))
      }
      let alive = loop.statistics.strayCompletions
      #expect(alive == 0)
    }
  }

  @Test func chains_wait_for_room_for_all_of_them_and_are_never_split() async throws {
    // 32 places in the queue, 24 slots: chains of seven leave gaps in both.
    try await withLoop(operations: 24) { loop in
      try await withThrowingTaskGroup(of: [Result<Int32, Errno>].self) { group in
        for number in 0..<200 {
          group.addTask(executorPreference: loop) {
            if number % 3 == 0 { try await loop.noOperation() }
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
    let pushed = try ring.push(chain)?.count
    #expect(pushed == 3)
    let refused = try ring.push(chain)
    #expect(refused == nil)
    let inFlight = ring.inFlight
    #expect(inFlight == 3)
    try ring.submit(waitingFor: 3)
    #expect(ring.takeCompletions { _ in } == 3)
    let again = try ring.push(chain)?.count
    #expect(again == 3)
  }
}
