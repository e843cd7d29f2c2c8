import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

/// A loop whose ring cannot be entered any more.
@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct FailingRingTests {
  /// With and without completions that the kernel holds back until it is entered.
  static let flags: [Ring.SetupFlags] = [.singleThreaded, []]

  private static func configuration(_ flags: Ring.SetupFlags, operations: UInt32 = 8) -> Ring.Configuration {
    Ring.Configuration(submissions: 32, operations: operations, flags: flags)
  }

  @Test(arguments: flags) func everything_in_flight_and_all_that_follows_throws_the_errno(
    _ flags: Ring.SetupFlags
  ) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(Self.configuration(flags)) { loop in
      #expect(loop.failure == nil)
      let reading = Task(executorPreference: loop) {
        try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
      }
      let timed = Task {
        try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1), within: .seconds(1000))
      }
      let chain = Task { await loop.perform(OperationChain(.timeout(.seconds(1000))).always(.noOperation())) }
      let message = Task(executorPreference: loop) { try await loop.nextMessage() }
      await loop.waitForOperationsInFlight(6)
      await loop.breakRing()
      await #expect(throws: Errno.notSupportedByRing) { try await reading.value }
      await #expect(throws: Errno.notSupportedByRing) { try await timed.value }
      #expect(await chain.value == [.failure(.notSupportedByRing), .failure(.notSupportedByRing)])
      await #expect(throws: Errno.notSupportedByRing) { try await message.value }
      #expect(loop.failure == .notSupportedByRing)

      await #expect(throws: Errno.notSupportedByRing) { try await loop.perform(.noOperation()) }
      await #expect(throws: Errno.notSupportedByRing) {
        try await Task(executorPreference: loop) { try await loop.perform(.noOperation()) }.value
      }
      await #expect(throws: Errno.notSupportedByRing) { try await loop.perform(.noOperation(), within: .seconds(1)) }
      #expect(await loop.perform(OperationChain(.noOperation())) == [.failure(.notSupportedByRing)])
      await #expect(throws: Errno.notSupportedByRing) { try await loop.nextMessage() }
      await #expect(throws: Errno.notSupportedByRing) { try await loop.send(1, to: loop) }
      await #expect(throws: Errno.notSupportedByRing) { try await loop.registerBuffers(1, capacity: 1) }
      await #expect(throws: Errno.notSupportedByRing) { try await loop.provideBuffers(1, capacity: 1, group: 0) }
    }
  }

  @Test(arguments: flags) func tasks_that_wait_for_a_slot_are_refused(_ flags: Ring.SetupFlags) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(Self.configuration(flags, operations: 1)) { loop in
      let tasks = (0..<8).map { number in
        Task(executorPreference: number % 2 == 0 ? loop : nil) {
          _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        }
      }
      await loop.waitForBacklog()
      await loop.breakRing()
      for task in tasks { await #expect(throws: Errno.notSupportedByRing) { try await task.value } }
    }
  }

  @Test(arguments: flags) func an_operation_that_was_started_throws_the_errno_when_it_is_asked_for(
    _ flags: Ring.SetupFlags
  ) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(Self.configuration(flags)) { loop in
      let id = try #require(
        await Task(executorPreference: loop) {
          loop.start(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        }.value)
      await loop.breakRing()
      await #expect(throws: Errno.notSupportedByRing) { try await loop.perform(.noOperation()) }
      #expect(await Task(executorPreference: loop) { loop.start(.noOperation()) }.value == nil)
      loop.cancel(id)
      await #expect(throws: Errno.notSupportedByRing) { try await loop.result(of: id) }
    }
  }

  @Test(arguments: flags) func tasks_still_run_on_the_thread_and_wake_it(_ flags: Ring.SetupFlags) async throws {
    try await withLoop(Self.configuration(flags)) { loop in
      await loop.breakRing()
      await #expect(throws: Errno.notSupportedByRing) { try await loop.perform(.noOperation()) }
      for _ in 0..<50 {
        await loop.waitForSleep()
        #expect(await Task(executorPreference: loop) { loop.isCurrent }.value)
      }
    }
  }

  /// The kernel may write into it at any time.
  @Test(arguments: flags) func memory_of_what_was_in_flight_is_never_freed(_ flags: Ring.SetupFlags) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    let box = WeakBuffer()
    try await withLoop(Self.configuration(flags)) { loop in
      let task = Task(executorPreference: loop) {
        let buffer = IOBuffer(capacity: 16)
        box.buffer = buffer
        _ = try await loop.perform(.read(pipe.reading, into: buffer, at: -1))
      }
      await loop.waitForOperationsInFlight(2)
      await loop.breakRing()
      await #expect(throws: Errno.notSupportedByRing) { try await task.value }
    }
    #expect(box.buffer != nil)
  }

  @Test func a_close_that_was_not_begun_is_made_by_a_call() async throws {
    let pipe = try SilentPipe()
    try await withLoop(Self.configuration(.singleThreaded)) { loop in
      await loop.breakRing()
      await #expect(throws: Errno.notSupportedByRing) { try await loop.perform(.noOperation()) }
      try await loop.perform(.close(pipe.writing))
    }
    // The other end sees that no writer is left.
    var byte: UInt8 = 0
    #expect(try withUnsafeMutableBytes(of: &byte) { try pipe.reading.read(into: $0) } == 0)
    try pipe.reading.close()
  }

  // MARK: Closing

  /// A file system may answer any errno to a close: the descriptor is closed, and its number may be another file's.
  @Test(arguments: [Errno.canceled, .socketShutdown, .interrupted, .ioError])
  func a_close_that_the_kernel_has_completed_is_never_made_again(_ error: Errno) throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    for result in [0, -error.rawValue] {
      #expect(Ending.completed(result).closing(pipe.writing).result == result)
    }
    #expect(fcntl(pipe.writing.rawValue, F_GETFD) >= 0)
  }

  @Test(arguments: [Begin.Refusal.cancelled, .shutDown, .tooLong, .ringFailed(.noMemory)])
  func a_close_that_was_not_begun_is_made(_ reason: Begin.Refusal) throws {
    let pipe = try SilentPipe()
    #expect(Ending.neverBegun(reason).closing(pipe.writing).result == 0)
    var byte: UInt8 = 0
    #expect(try withUnsafeMutableBytes(of: &byte) { try pipe.reading.read(into: $0) } == 0)
    try pipe.reading.close()
  }

  // MARK: A ring without a loop

  /// An enter that fails has published its entries, and the next enter would submit them.
  @Test func what_the_kernel_has_not_taken_is_dropped_with_the_ring() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("never-made")
      do {
        var ring = try Ring(.small)
        _ = try ring.push(.makeDirectory(path))
        let descriptor = dup(ring.descriptor)
        try replaceByNull(ring.descriptor)
        #expect(throws: Errno.notSupportedByRing) { try ring.submit() }
        #expect(ring.unsubmitted == 1)
        #expect(dup2(descriptor, ring.descriptor) >= 0)
        close(descriptor)
      }
      #expect(access(path.string, F_OK) != 0)
    }
  }
}

private final class WeakBuffer: @unchecked Sendable {
  weak var buffer: IOBuffer?
}

/// Replaces the file of a descriptor by `/dev/null`.
private func replaceByNull(_ descriptor: Int32) throws {
  let null = try FileDescriptor.open("/dev/null", .readOnly)
  defer { try? null.close() }
  if dup2(null.rawValue, descriptor) < 0 { throw Errno(rawValue: errno) }
}

extension Errno {
  /// The errno of io_uring_enter(2) for a descriptor that is not a ring's.
  fileprivate static let notSupportedByRing = Errno(rawValue: Glibc.EOPNOTSUPP)
}

extension RingLoop {
  /// Makes each io_uring_enter(2) of the loop fail from now on.
  fileprivate func breakRing() async {
    let loop = self
    await Task(executorPreference: loop) {
      #expect(throws: Never.self) { try replaceByNull(loop.core!.ring.descriptor) }
    }.value
  }
}
