import Testing

@testable import AsyncPipeline

/// When elements leave workers that share executors and pass them on together. The tests move the clock.
@Suite(.timeLimit(.minutes(5)))
struct FlushTimerTests {
  private let clock = ManualClock()
  private let seen = Log<Int>()
  private let limit = FlushTimer.limit
  /// Where the workers run: one thread.
  private let executor = QueueExecutor()

  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func what_is_finished_leaves_in_time_while_all_workers_are_busy(order: OutputOrder<Int>) async throws {
    let (busy, gate) = (Counter(), Gate())
    let running = start(order: order, elements: 0..<14) { element in
      if element >= 10 {
        busy.add()
        await gate.wait()
      }
    }
    await clock.sleepers(until: limit)
    #expect(await eventually { busy.value == 4 })
    // The first element left at once, and the others wait for a batch of 16.
    #expect(await eventually { seen.entries == [0] })
    clock.advance(by: limit)
    #expect(await eventually { seen.entries == Array(0..<10) })
    gate.open()
    try await running.value
    #expect(seen.entries.sorted() == Array(0..<14))
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func element_waits_for_no_others_when_nothing_has_left_for_some_time(order: OutputOrder<Int>) async throws {
    let gates = (0..<8).map { _ in Gate() }
    let running = start(order: order, elements: 0..<8) { await gates[$0].wait() }
    for element in 0..<8 {
      gates[element].open()
      #expect(await eventually { seen.entries == Array(0...element) })
      // The worker that has passed it on notes the time before other workers get the thread.
      await executor.idle()
      clock.advance(by: limit)
    }
    try await running.value
  }

  /// The worker itself reads the clock: the timer's task never wakes here, as it could pass on elements too.
  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func elements_that_come_fast_leave_by_the_time(order: OutputOrder<Int>) async throws {
    let (left, clock) = (Counter(), ManualClock(sleepsEnd: .never))
    // Three within the limit; a batch would be 16.
    let pipeline = Pipeline(0..<100).mapAsync(on: [QueueExecutor()], order: order, open: {}) { [limit] in
      #expect(left.value >= $1 - 4)
      clock.advance(by: limit / 3)
      return $1
    }
    .tap { _ in left.add() }
    try await run(pipeline, clock)
    #expect(seen.entries == Array(0..<100))
  }

  @Test(arguments: [OutputOrder<Int>.input, .completion])
  func elements_that_come_faster_leave_together(order: OutputOrder<Int>) async throws {
    let (started, most) = (Counter(), Counter())
    let pipeline = Pipeline(0..<64).mapAsync(on: [QueueExecutor()], order: order, open: {}) {
      started.add()
      return $1
    }
    .tap { most.add(started.value - $0 - most.value) }
    try await run(pipeline)
    // The clock stands still.
    #expect(most.highest >= 16)
  }

  /// The timer would sleep for ever.
  @Test func run_does_not_wait_for_the_timer() async throws {
    for elements in [0, 1, 2, 1_000] {
      try await start(order: .input, elements: 0..<elements) { _ in }.value
      #expect(clock.sleeping == 0)
    }
  }

  /// With a clock on which each sleep ends at once, the timer's task passes on as often as the workers do.
  @Test(arguments: 0..<6)
  func runs_account_for_their_elements_when_the_timer_takes_part(block: Int) async throws {
    for seed in block * 20..<(block + 1) * 20 {
      let made = AccountedRun(seed: seed)
      let pipeline = made.pipeline(endless: seed % 3 == 0)
      let run = pipeline.prepare("forEach", clock: ManualClock(sleepsEnd: .atOnce)) { sink in
        try await sink.serve(capacity: 1 + seed % 7) { inlet in
          try await sink.consume(inlet, batch: 1 + seed % 3) { await yieldAtRandom(seed, $0) }
        }
      }
      let running = Task { try await run() }
      if seed % 3 < 2 {
        for _ in 0..<seed * 7 % 300 { await Task.yield() }
        running.cancel()
      }
      _ = await running.result
      run.run.report.expectIdentity("seed \(seed)")
    }
  }

  /// Four workers on one executor, which is one thread: they finish no 16 elements before one of them waits.
  private func start(
    order: OutputOrder<Int>, elements: Range<Int>, _ work: @escaping @Sendable (Int) async -> Void
  ) -> Task<Void, any Error> {
    let pipeline = Pipeline(elements).mapAsync(on: Array(repeating: executor, count: 4), order: order, open: {}) {
      await work($1)
      return $1
    }
    return Task { try await run(pipeline) }
  }

  private func run(_ pipeline: some PipelineProtocol<Int>, _ clock: ManualClock? = nil) async throws {
    let prepared = pipeline.prepare("forEach", clock: clock ?? self.clock) { [seen] sink in
      try await sink.serve(capacity: 1_000) { inlet in
        try await sink.consume(inlet, batch: 1) { seen.append($0) }
      }
    }
    try await prepared()
    expectAccounted(prepared.run.report)
  }
}
