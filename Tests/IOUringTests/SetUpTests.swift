import IOUring
import SystemPackage
import Testing

@Suite(.needsRing, .timeLimit(.minutes(5)))
struct SetUpTests {
  @Test func the_kernel_takes_the_flags_that_trying_says_it_takes() throws {
    let ring = try Ring(.small)
    let flags = ring.setupFlags
    #expect(flags.isSuperset(of: Ring.acceptedFlags.intersection([.singleIssuer, .deferredTaskRun, .submitAll])))
  }

  @Test func flags_that_the_kernel_does_not_know_are_left_out() throws {
    // The last bit of all.
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
    try await loop.noOperation()
    await #expect(throws: Errno.permissionDenied) { try await loop.open("/dev/null") }
    let results = await loop.perform(OperationChain(.noOperation()).then(.noOperation()))
    #expect(results.contains(.failure(.permissionDenied)))
    // Cancelling is always allowed, or else the loop could not end.
    let pipe = try SilentPipe()
    defer { pipe.close() }
    let task = Task(executorPreference: loop) {
      try await loop.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)
    }
    try await loop.noOperation()
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

  @Test func worker_threads_are_bounded_and_shared() throws {
    var configuration = Ring.Configuration.small
    configuration.workerLimits = Ring.WorkerLimits(bounded: 3, unbounded: 2)
    let first = try Ring(configuration)
    configuration = .small
    configuration.sharedWorkers = first.descriptor
    _ = try Ring(configuration)
  }

  @Test func everything_on_a_descriptor_or_on_the_ring_can_be_cancelled_at_once() async throws {
    let (one, other) = (try SilentPipe(), try SilentPipe())
    defer {
      one.close()
      other.close()
    }
    try await withLoop { loop in
      let tasks = (0..<6).map { number in
        Task(executorPreference: loop) {
          let file = number < 4 ? one.reading : other.reading
          _ = try await loop.read(file, into: IOBuffer(capacity: 16), at: -1)
        }
      }
      try await loop.noOperation()
      #expect(try await loop.perform(.cancelAll(on: one.reading)) == 4)
      for task in tasks.prefix(4) { await #expect(throws: Errno.canceled) { try await task.value } }
      #expect(try await loop.perform(.cancelAll(on: one.reading)) == 0)
      // Two reads, and the one by which the loop is woken: it must hear all the same.
      #expect(try await loop.perform(.cancelAll()) >= 2)
      for task in tasks.suffix(2) { await #expect(throws: Errno.canceled) { try await task.value } }
      try await loop.noOperation()
    }
  }
}
