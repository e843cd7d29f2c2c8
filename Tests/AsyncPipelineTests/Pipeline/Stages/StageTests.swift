import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct StageTests {
  @Test(arguments: [0, 1, 16, 17, 1_000])
  func one_worker_keeps_the_order(count: Int) async throws {
    #expect(try await Pipeline(0..<count).through(Passing { _ in true }).collect() == Array(0..<count))
    #expect(try await Pipeline(0..<count).through(Delayed(by: 20)).collect() == Array(0..<count))
  }

  @Test func name_is_that_of_the_type_unless_it_has_another() async throws {
    struct Named: Stage {
      let name = "another"
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {}
    }
    let report = try await Pipeline(0..<3).through(RunLengths()).map { $0[0] }.through(Named()).forEach { _ in }
    #expect(report.stages.map(\.name) == ["source", "RunLengths", "another", "forEach"])
    #expect(report.stages.map(\.operators) == [[], ["map"], [], []])
  }

  @Test func each_run_begins_with_the_state_that_was_described() async throws {
    let pipeline = Pipeline([1, 1, 2, 1]).through(RunLengths())
    #expect(try await pipeline.collect() == [[1, 2], [2, 1], [1, 1]])
    #expect(try await pipeline.collect() == [[1, 2], [2, 1], [1, 1]])
  }

  @Test func emitted_element_waits_neither_for_the_next_nor_for_the_end_of_its_own() async throws {
    struct Both: Stage {
      let gate: Gate
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
        try await context.emit(element)
        await gate.wait()
      }
    }
    let (source, seen, gate) = (Channel<Int>(), Channel<Int>(), Gate())
    let running = Task { try await Pipeline(source).through(Both(gate: gate)).forEach { await seen.send($0) } }
    await source.send(7)
    #expect(await seen.next() == 7)
    gate.open()
    source.finish()
    expectAccounted(try await running.value)
  }

  /// Emits together, and waits after each element.
  private struct Withholding: Stage {
    let (gate, flushes): (Gate, Bool)
    let emitsTogether = true

    mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
      try await context.emit(element)
      if flushes { try await context.flush() }
      await gate.wait()
    }
  }

  @Test(arguments: [true, false])
  func elements_that_leave_together_wait_for_those_that_are_there(flushes: Bool) async throws {
    let (seen, gate) = (Counter(), Gate())
    // While the clock stands still no batch is late.
    let run = withFullBatches {
      Pipeline([7, 8]).through(Withholding(gate: gate, flushes: flushes)).prepareForEach { _ in seen.add() }
    }
    async let report: Void = run()
    #expect(await settled(seen, atLeast: flushes ? 1 : 0) == (flushes ? 1 : 0))
    gate.open()
    try await report
    #expect(seen.value == 2)
    expectAccounted(run.run.report)
  }

  @Test func elements_that_leave_together_wait_for_none_that_is_not_there() async throws {
    let (source, seen) = (Channel<Int>(), Channel<Int>())
    let passing = Passing(emitsTogether: true) { _ in true }
    let running = Task {
      try await Pipeline(source).through(passing.then(passing)).forEach { await seen.send($0) }
    }
    for element in 0..<3 {
      await source.send(element)
      #expect(await seen.next() == element)
    }
    source.finish()
    expectAccounted(try await running.value)
  }

  /// Emits together, and only for its first element.
  private struct Once: Stage {
    let emitsTogether = true
    var isFirst = true

    mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
      if isFirst { try await context.emit(element) }
      isFirst = false
    }
  }

  @Test func what_waits_leaves_though_elements_come_for_which_nothing_is_emitted() async throws {
    let seen = Counter()
    let run = withFullBatches {
      Pipeline(0...).through(Once()).prefix(1).prepareForEach { _ in seen.add() }
    }
    try await run()
    #expect(seen.value == 1)
    run.run.report.expectIdentity("")
  }

  @Test func who_is_told_of_a_failure_has_what_was_emitted_before() async throws {
    struct Failing: Stage {
      let emitsTogether = true
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
        if element == 1 { throw Failure(element: element) }
        try await context.emit(element)
      }
    }
    let seen = Log<Int>()
    let run = withFullBatches {
      Pipeline(0..<3).through(Failing())
        .onFailure(.route { _ in #expect(await eventually { seen.count == 1 }) })
        .prepareForEach { seen.append($0) }
    }
    try await run()
    #expect(seen.entries == [0, 2])
    run.run.report.expectIdentity("")
  }

  @Test func elements_that_leave_together_wake_the_next_stage_together() async throws {
    let executor = QueueExecutor()
    let report = try await Pipeline(0..<10_000).through(Passing(emitsTogether: true) { _ in true }).forEach(
      on: executor
    ) { _ in }
    // Some 160 batches.
    #expect(executor.jobs.value < 1_000)
    expectAccounted(report)
  }

  // MARK: Accounting

  @Test func each_way_to_end_has_its_number() async throws {
    let some = try await Pipeline(0..<100).through(Passing { $0 % 4 == 0 }).forEach { _ in }
    expect(try some.stage("Passing"), output: 25, filtered: 75)
    #expect(some.stages[1].metrics == ["dropped": 75])

    // 0 to nothing, 1 to one, 2 to two, 3 to three.
    let more = try await Pipeline(0..<4).through(Repeated()).forEach { _ in }
    expect(try more.stage("Repeated"), output: 6, filtered: 1, expanded: 3)

    let fewer = try await Pipeline([5, 5, 5, 6, 5, 5]).through(RunLengths()).forEach { _ in }
    expect(try fewer.stage("RunLengths"), output: 3, combined: 3)

    let late = try await Pipeline(0..<10).through(Delayed(by: 4)).forEach { _ in }
    expect(try late.stage("Delayed"), output: 10)

    for report in [some, more, fewer, late] { expectAccounted(report) }
  }

  @Test func what_is_kept_to_the_end_and_not_emitted_was_left_out() async throws {
    struct Largest: Stage {
      private var largest: Int?
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
        largest = max(element, largest ?? element)
        context.keep()
      }
      mutating func finish(in context: StageContext<Int>) async throws {
        if let largest { try await context.emit(largest) }
      }
    }
    let report = try await Pipeline([3, 7, 5]).through(Largest()).forEach { #expect($0 == 7) }
    expect(try report.stage("Largest"), output: 1, filtered: 2)
  }

  @Test func kept_elements_of_a_run_that_ends_early_are_cancelled() async throws {
    let (source, seen) = (Channel<Int>(), Counter())
    let run = Pipeline(source).through(Delayed(by: 4)).prepareForEach { _ in seen.add() }
    let running = Task { try await run() }
    for element in 0..<10 { await source.send(element) }
    #expect(await eventually { seen.value == 6 })
    running.cancel()
    await #expect(throws: CancellationError.self) { try await running.value }
    expect(try run.run.report.stage("Delayed"), output: 6, cancelled: 4)
  }

  @Test func drained_run_finishes_the_stage() async throws {
    let (source, seen) = (Channel<Int>(), Counter())
    let run = Pipeline(source).through(Delayed(by: 4)).prepareForEach { _ in seen.add() }
    async let done: Void = run()
    for element in 0..<10 { await source.send(element) }
    #expect(await eventually { seen.value == 6 })
    run.run.drain()
    try await done
    #expect(seen.value == 10)
    expectAccounted(run.run.report)
  }

  // MARK: Bounds

  @Test func stage_before_stops() async throws {
    // One is at work in the stage behind, one in the worker; 16 wait, and are handed over 16 at a time.
    try await expectAsked(asked(batch: 16, room: 18)) { $0.through(Passing { _ in true }) }
    try await expectAsked(asked(batch: 48, room: 52)) { $0.through(Passing { _ in true }, width: 3) }
  }

  private struct Endless: Stage {
    let emitted: Counter
    mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
      while true {
        emitted.add()
        try await context.emit(element)
      }
    }
  }

  @Test func stage_that_emits_without_end_stops() async throws {
    let (emitted, gate) = (Counter(), Gate())
    let run = Pipeline([1]).through(Endless(emitted: emitted)).mapAsync(width: 1, order: .input(window: 1)) { element in
      await gate.wait()
      return element
    }.prefix(100).prepareForEach { (_: Int) in }
    async let done: Void = run()
    // One is at work, one is handed over.
    #expect(await eventually { emitted.value == 2 })
    #expect(await settled(emitted, atLeast: 2) == 2)
    gate.open()
    try await done
    expectAccounted(run.run.report)
    #expect(run.run.report.stages.last?.output == 100)
  }

  @Test func stage_that_nothing_makes_wait_lets_others_have_their_turns() async throws {
    let (executor, emitted) = (QueueExecutor(), Counter())
    let run = Pipeline([1]).through(Endless(emitted: emitted)).start(.count, on: executor)
    #expect(await eventually { emitted.value > 0 })
    await Task(executorPreference: executor) { run.cancel() }.value
    await #expect(throws: CancellationError.self) { try await run.value }
    run.report.expectIdentity("")
  }

  // MARK: Several workers

  @Test func each_worker_has_a_state_of_its_own() async throws {
    struct Sum: Stage {
      var sum = 0
      mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
        await yieldAtRandom(0, element)
        sum += element
        context.keep()
        context.count("processed")
      }
      mutating func finish(in context: StageContext<Int>) async throws { try await context.emit(sum) }
    }
    let sums = Log<Int>()
    let report = try await Pipeline(0..<1_000).through(Sum(), width: 4).forEach { sums.append($0) }
    #expect(sums.count == 4)
    #expect(sums.entries.reduce(0, +) == 499_500)
    #expect(report.stages[1].metrics == ["processed": 1_000])
    #expect(report.stages[1].attempts == 1_000)
    expectAccounted(report)
  }

  @Test func automatic_width_is_explained() async throws {
    let report = try await Pipeline(0..<10).through(Repeated(), width: .automatic).forEach { _ in }
    #expect(report.stages[1].note?.hasPrefix("chose a width of") == true)
  }

  private func expect(
    _ stage: PipelineReport.Stage, output: Int, filtered: Int = 0, cancelled: Int = 0, expanded: Int = 0,
    combined: Int = 0, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(stage.output == output, sourceLocation: location)
    #expect(stage.filtered == filtered, sourceLocation: location)
    #expect(stage.cancelled == cancelled, sourceLocation: location)
    #expect(stage.expanded == expanded, sourceLocation: location)
    #expect(stage.combined == combined, sourceLocation: location)
  }
}
