import Foundation
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct SetUpTests {
  @Test func the_kernel_takes_the_flags_that_trying_says_it_takes() throws {
    let ring = try Ring(.small)
    let flags = ring.setupFlags
    #expect(flags.isSuperset(of: Ring.acceptedFlags.intersection([.singleIssuer, .deferredTaskRun, .submitAll])))
  }

  @Test func flags_that_the_kernel_does_not_know_are_left_out() throws {
    // The highest bit.
    let unknown = Ring.SetupFlags(rawValue: 1 << 31)
    var ring = try Ring(Ring.Configuration(flags: [unknown, .singleIssuer]))
    let flags = ring.setupFlags
    #expect(!flags.contains(unknown))
    #expect(flags.contains(.singleIssuer) == Ring.acceptedFlags.contains(.singleIssuer))
    _ = try ring.push(.noOperation())
    try ring.submit(waitingFor: 1)
    #expect(ring.takeCompletions { _ in } == 1)
  }

  @Test func flags_that_exclude_each_other_are_not_asked_for_together() throws {
    let ring = try Ring(Ring.Configuration(flags: [.deferredTaskRun, .taskRunFlag]))
    let flags = ring.setupFlags
    #expect(flags.isDisjoint(with: [.deferredTaskRun, .taskRunFlag]))
  }

  @Test func a_polling_kernel_thread_takes_more_submissions_than_the_queue_has_places() throws {
    var configuration = Ring.Configuration(submissions: 4, operations: 64, flags: [.submissionPolling, .submitAll])
    configuration.pollingIdle = .milliseconds(1)
    var ring: Ring
    do { ring = try Ring(configuration) } catch { try Test.cancel("no polling thread here: \(error)") }
    for _ in 0..<64 { #expect(try ring.push(.noOperation()) != nil) }
    var taken = 0
    while taken < 64 {
      try ring.submit(waitingFor: 1)
      taken += ring.takeCompletions { #expect($0.result == 0) }
    }
  }

  @Test func a_restricted_ring_does_what_it_may_and_nothing_else() async throws {
    let restrictions = Ring.Restrictions(operations: [.read, .noOperation])
    let loop = try RingLoop(Ring.Configuration(operations: 8, restrictions: restrictions))
    try await loop.perform(.noOperation())
    await #expect(throws: Errno.permissionDenied) { try await loop.perform(.open("/dev/null")) }
    let results = await loop.perform(OperationChain(.noOperation()).then(.noOperation()))
    #expect(results.contains(.failure(.permissionDenied)))
    // Cancelling is always allowed, or else the loop could not end.
    let pipe = try SilentPipe()
    defer { pipe.close() }
    let task = Task(executorPreference: loop) {
      try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
    }
    try await loop.perform(.noOperation())
    await loop.shutDown()
    await #expect(throws: Errno.canceled) { try await task.value }
  }

  @Test func restrictions_keep_buffers_from_being_registered_unless_they_allow_it() throws {
    for allowsRegistration in [false, true] {
      let restrictions = Ring.Restrictions(operations: [.readFixed], allowsRegistration: allowsRegistration)
      var ring = try Ring(Ring.Configuration(restrictions: restrictions))
      if allowsRegistration {
        try ring.register([IOBuffer(capacity: 4096)])
      } else {
        #expect(throws: Errno.permissionDenied) { try ring.register([IOBuffer(capacity: 4096)]) }
      }
    }
  }

  @Test func a_chain_with_something_forbidden_does_not_begin() async throws {
    let restrictions = Ring.Restrictions(operations: [.noOperation, .write], allowsChains: true)
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(Ring.Configuration(operations: 8, restrictions: restrictions)) { loop in
      let write = RingOperation.write(pipe.writing, from: IOBuffer("x", capacity: 1), at: -1)
      let results = await loop.perform(OperationChain(write).then(.open("/dev/null")).then(.noOperation()))
      #expect(results == [.failure(.canceled), .failure(.permissionDenied), .failure(.canceled)])
      #expect(!pipe.hasBytes)
    }
  }

  @Test func restrictions_that_allow_buffers_allow_their_use() async throws {
    let restrictions = Ring.Restrictions(operations: [], allowsRegistration: true)
    try await withLoop(Ring.Configuration(operations: 8, restrictions: restrictions)) { loop in
      try await loop.provideBuffers(2, capacity: 16, group: 0)
      let file = try FileDescriptor.open("/dev/zero", .readOnly)
      defer { try? file.close() }
      #expect(try await loop.read(file, fromGroup: 0, at: 0) { $0.byteCount } == 16)
    }
  }

  @Test func restrictions_never_forbid_what_wakes_a_loop() async throws {
    let restrictions = Ring.Restrictions(operations: [.noOperation])
    try await withLoop(Ring.Configuration(operations: 8, restrictions: restrictions)) { loop in
      for _ in 0..<100 { try await loop.perform(.noOperation()) }
      // The operations of the test, and one read for each wake-up: not a read that fails again and again.
      #expect(loop.statistics.operations < 400)
    }
  }

  @Test func a_loop_for_no_operations_is_one_for_one() async throws {
    try await withLoop(operations: 0) { loop in try await loop.perform(.noOperation()) }
  }

  @Test(.needsLockedMemory(4 << 20)) func a_loop_takes_as_many_operations_as_there_can_be() async throws {
    try await withLoop(operations: .max) { loop in try await loop.perform(.noOperation()) }
  }

  @Test func a_loop_with_a_polling_kernel_thread_takes_chains_that_nearly_fill_its_queue() async throws {
    var configuration = Ring.Configuration(submissions: 4, operations: 64, flags: [.submissionPolling, .submitAll])
    configuration.pollingIdle = .milliseconds(1)
    do { _ = try Ring(configuration) } catch { try Test.cancel("no polling thread here: \(error)") }
    try await withLoop(configuration) { loop in
      await withTaskGroup(of: [Result<Int32, Errno>].self) { group in
        for _ in 0..<50 {
          group.addTask(executorPreference: loop) {
            await loop.perform(OperationChain(.noOperation()).then(.noOperation()).then(.noOperation()))
          }
        }
        for await results in group { #expect(results == [.success(0), .success(0), .success(0)]) }
      }
      // The loop waits for room in a full queue instead of entering the kernel again and again.
      #expect(loop.statistics.enters < 10_000)
    }
  }

  /// A splice from an empty pipe may wait for ever, so the kernel counts it as unbounded work.
  @Test func worker_threads_are_as_many_as_the_limit_allows() async throws {
    let pipes = try (0..<9).map { _ in try SilentPipe() }
    defer { for pipe in pipes { pipe.close() } }
    let limits = Ring.WorkerLimits(bounded: 1, unbounded: 2)
    try await withLoop(Ring.Configuration(operations: 16, workerLimits: limits)) { loop in
      let thread = await Task(executorPreference: loop) { gettid() }.value
      let splices = pipes.dropFirst().map { pipe in
        Task(executorPreference: loop) {
          try await loop.perform(.splice(from: pipe.reading, to: pipes[0].writing, count: 1))
        }
      }
      await loop.waitForOperationsInFlight(9)
      while workers(of: thread) == 0 { try await loop.perform(.noOperation()) }
      // Time for the kernel to start more of them.
      for _ in 0..<1000 { try await loop.perform(.noOperation()) }
      #expect(workers(of: thread) <= 2)
      for splice in splices { splice.cancel() }
      for splice in splices { await #expect(throws: Errno.canceled) { try await splice.value } }
    }
  }

  /// The number of the kernel's worker threads that work for a thread of the process.
  private func workers(of thread: Int32) -> Int {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return threads.filter {
      (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "iou-wrk-\(thread)\n"
    }.count
  }

  private func gettid() -> Int32 {
    // The link is "PID/task/TID".
    let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? ""
    return Int32(link.split(separator: "/").last ?? "") ?? -1
  }
}
