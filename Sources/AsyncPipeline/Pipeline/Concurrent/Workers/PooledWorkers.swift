/// Workers that share executors, many on each: they take elements and pass them on by the batch.
///
/// A worker that never gets an element costs as much as some files from the page cache, so that a stage of many workers
/// starts few and adds others when it has work for them.
@usableFromInline
struct PooledWorkers<Input: Sendable, Output: Sendable, Resource>: Sendable {
  @usableFromInline typealias Stage = ConcurrentStage<Input, Output, Resource>
  @usableFromInline typealias Queue = WorkQueue<Stage.Item, Output>

  @usableFromInline let run: ConcurrentRun<Input, Output, Resource>
  @usableFromInline let groups: [Stage.WorkerGroup]
  /// One for each group.
  @usableFromInline let queues: [Queue]
  @usableFromInline let starts: WorkerStarts
  @usableFromInline let timer = FlushTimer()

  @inlinable
  init(_ run: ConcurrentRun<Input, Output, Resource>) {
    self.run = run
    let groups = run.stage.workerGroups
    let starts = WorkerStarts(queues: groups.count)
    (self.groups, self.starts) = (groups, starts)
    // In the input's order, an element of one queue may wait for one that another queue withholds.
    let shared = run.reorderBuffer.map { _ in LastFlush() }
    queues = groups.enumerated().map { index, group in
      Queue(
        input: run.input, batchSize: run.stage.batchSize(group), shares: groups.count, workerLimit: group.count,
        lastFlush: shared ?? LastFlush(), requestWorkers: { starts.request(index) })
    }
  }

  @inlinable var counters: StageCounters { run.counters }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    defer { countRemainingAsCancelled() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Tasks that end by themselves: the stage before, and the workers.
      var working = 1
      group.addTask { try await endingStarts { try await feed() } }
      group.addTask { try await endingStarts { try await flushLate(makeEmitter) } }
      func startWorkers(_ index: Int) {
        let count = queues[index].start()
        working += count
        starts.add(count)
        for _ in 0..<count { group.addTask(on: groups[index].executor) { try await work(queues[index], makeEmitter) } }
      }
      for index in queues.indices { startWorkers(index) }
      starts.endOne()
      while let index = await starts.next() { startWorkers(index) }
      // The first failure leaves the group, which cancels the others.
      for _ in 0..<working { try await group.next() }
      // Nothing is withheld any more. What the timer's task is passing on must arrive.
      timer.wait.interrupt()
      await timer.wait.untilInterrupted()
      group.cancelAll()
      while try await group.next() != nil {}
    }
  }

  @inlinable
  func feed() async throws {
    let run = run
    try await run.instance.upstream.produce { run.makeEntrance() }
    run.input.finish()
  }

  /// No more workers are started where something has failed.
  @inlinable
  func endingStarts(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      starts.end()
      throw error
    }
  }

  // MARK: A worker

  @inlinable
  func work(_ queue: Queue, _ makeEmitter: EmitterFactory<Output>) async throws {
    queue.arrive()
    do {
      try await endingStarts { try await counters.life.measure { try await workToTheEnd(of: queue, makeEmitter) } }
    } catch {
      queue.end()
      throw error
    }
    starts.endOne()
  }

  @inlinable
  func workToTheEnd(of queue: Queue, _ makeEmitter: EmitterFactory<Output>) async throws {
    // Where there are few elements most workers never get one, and need no resource.
    try Task.checkCancellation()
    var first = take(queue.tryNext())
    if first == nil { first = take(await counters.starved.measure { await queue.next() }) }
    if first == nil { return try Task.checkCancellation() }
    try await run.stage.resources.with(run.instance) { resource in
      try await withEmitter(makeEmitter) { emitter in try await work(queue, first.take(), resource, emitter) }
    }
  }

  /// Holds no element while it waits: neither the last that it finished nor the first.
  ///
  /// - Parameter first: an element that the worker has already.
  @inlinable
  func work(
    _ queue: Queue, _ first: consuming TakenElement<Stage.Item>?, _ resource: Resource, _ emitter: Emitter<Output>
  ) async throws {
    var turns = WorkerTurns(counters, length: WorkerTurns.elements)
    var next = first
    while let taken = next.take() {
      turns.countAttempt()
      let number = taken.element.number
      let output = try await run.attempt(taken, resource)
      if run.reorderBuffer != nil || output != nil {
        try await finish(number, TakenElement.handOver(output), queue, emitter)
      }
      if turns.isOver() { await Task.yield() }
      next = try await self.next(queue, emitter)
    }
    try Task.checkCancellation()
  }

  /// The next element; in a run that was cancelled none, even if some wait. A worker that must wait for it first passes
  /// on what is ready: all other workers may be busy.
  @inlinable
  func next(_ queue: Queue, _ emitter: Emitter<Output>) async throws -> TakenElement<Stage.Item>? {
    try Task.checkCancellation()
    if let item = queue.tryNext() { return take(item) }
    try await flush(queue, emitter)
    return take(await counters.starved.measure { await queue.next() })
  }

  /// An element of the work queue.
  @inlinable
  func take(_ item: consuming Stage.Item?) -> TakenElement<Stage.Item>? {
    guard let item else { return nil }
    return TakenElement(item, ElementToken(of: counters))
  }

  /// For when all tasks have ended.
  @inlinable
  func countRemainingAsCancelled() {
    run.input.countRemainingAsCancelled()
    for queue in queues { ElementToken(of: counters, queue.remaining).cancel() }
  }
}
