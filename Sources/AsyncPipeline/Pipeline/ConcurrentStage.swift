/// A number of workers between a bounded channel and what follows.
@usableFromInline
struct ConcurrentStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// How many elements a worker takes on before it lets other tasks of its executor have a turn, in case none of them made it
  /// wait.
  @inlinable static var elementsPerTurn: Int { 16 }
  /// Elements that wait for a worker, for each that there is, where the order does not bound them.
  @inlinable static var readAheadPerWorker: Int { 2 }

  @usableFromInline let index: Int
  /// One worker on each; nil is where the run was started.
  @usableFromInline let executors: [(any TaskExecutor)?]
  @usableFromInline let order: OutputOrder
  /// Elements that come in together are started in ascending order of this.
  @usableFromInline let startingKey: (@Sendable (Input) -> UInt64)?
  @usableFromInline let open: @Sendable () -> Resource
  @usableFromInline let transform: @Sendable (Resource, Input) async throws -> Output

  @inlinable
  init(
    index: Int, executors: [(any TaskExecutor)?], order: OutputOrder,
    startingKey: (@Sendable (Input) -> UInt64)?, open: @escaping @Sendable () -> Resource,
    transform: @escaping @Sendable (Resource, Input) async throws -> Output
  ) {
    self.index = index
    self.executors = executors
    self.order = order
    self.startingKey = startingKey
    self.open = open
    self.transform = transform
  }

  @usableFromInline typealias Lane = WorkerLane<Item, Output>

  @usableFromInline
  struct Item: Sendable {
    @usableFromInline let number: Int
    @usableFromInline let element: Input

    @inlinable
    init(number: Int, element: Input) {
      (self.number, self.element) = (number, element)
    }
  }

  @inlinable
  func run(
    _ upstream: Pipeline<Input>, in run: PipelineRun, _ makeEmitter: @escaping Pipeline<Output>.EmitterFactory
  ) async throws {
    let exit: OrderedExit<Output>?
    let channel: Channel<Item>
    switch order {
    case .input(let window):
      exit = OrderedExit(window: window)
      channel = Channel(capacity: window)
    case .completion:
      exit = nil
      channel = Channel(capacity: executors.count * Self.readAheadPerWorker)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await upstream.produce(run) { entrance(from: $0, exit, channel) }
        channel.finish()
      }
      for workers in workerGroups {
        start(workers, in: &group, run, channel, exit, makeEmitter)
      }
      // Leaves with the first failure, which cancels the others.
      while try await group.next() != nil {}
    }
  }

  /// Starts the workers of one executor.
  @inlinable
  func start(
    _ workers: WorkerGroup, in group: inout ThrowingTaskGroup<Void, any Error>, _ run: PipelineRun,
    _ channel: Channel<Item>, _ exit: OrderedExit<Output>?, _ makeEmitter: @escaping Pipeline<Output>.EmitterFactory
  ) {
    let lane = Lane(channel: channel, batchSize: batchSize(workers), parts: workerGroups.count)
    for _ in 0..<workers.count {
      group.addTask(executorPreference: workers.executor) {
        do {
          try await work(lane, run, exit, makeEmitter)
        } catch {
          lane.abandon()
          throw error
        }
      }
    }
  }

  /// Elements that a lane takes and leaves together. Guesses: a lock and a wake-up for 16 are cheap, and a batch for an
  /// executor with many workers is to keep half of them busy. Where the caller's tasks run nothing is known of how long an
  /// element takes, and it is one at a time.
  @inlinable
  func batchSize(_ workers: WorkerGroup) -> Int {
    workers.executor == nil ? 1 : max(16, workers.count / 2)
  }

  @usableFromInline
  struct WorkerGroup {
    @usableFromInline let executor: (any TaskExecutor)?
    @usableFromInline var count: Int

    @inlinable
    init(executor: (any TaskExecutor)?) {
      self.executor = executor
      count = 1
    }
  }

  /// The workers by executor. Those without one are each on their own.
  @inlinable var workerGroups: [WorkerGroup] {
    var groups: [WorkerGroup] = []
    var places: [ObjectIdentifier: Int] = [:]
    for executor in executors {
      if let executor, let place = places[ObjectIdentifier(executor)] {
        groups[place].count += 1
      } else {
        if let executor { places[ObjectIdentifier(executor)] = groups.count }
        groups.append(WorkerGroup(executor: executor))
      }
    }
    return groups
  }

  // MARK: The entrance

  @inlinable
  func entrance(
    from stage: StageCounters, _ exit: OrderedExit<Output>?, _ channel: Channel<Item>
  ) -> Emitter<Input> {
    var size = BatchBuffer<Input>.defaultSize
    if case .input(let window) = order {
      // To be started in another order a batch should be large; four of them in the window keep the workers busy meanwhile.
      size = startingKey == nil ? min(size, window) : max(1, window / 4)
    }
    return .batching(from: stage, size: size) { batch in
      var first = 0
      if let exit {
        guard let numbers = await exit.admit(batch.count) else { throw CancellationError() }
        first = numbers.lowerBound
      }
      let items = schedule(batch.enumerated().map { Item(number: first + $0.offset, element: $0.element) })
      guard case .sent = await channel.send(contentsOf: items) else { throw CancellationError() }
    }
  }

  @inlinable
  func schedule(_ items: [Item]) -> [Item] {
    guard let startingKey else { return items }
    // Sorted by numbers alone: to move an element may cost a count of its references.
    let order = items.indices.map { (key: startingKey(items[$0].element), index: $0) }.sorted { $0.key < $1.key }
    return order.map { items[$0.index] }
  }

  // MARK: The workers

  @inlinable
  func work(
    _ lane: Lane, _ run: PipelineRun, _ exit: OrderedExit<Output>?, _ makeEmitter: Pipeline<Output>.EmitterFactory
  ) async throws {
    let counters = run.counters(ofStage: index)
    let emitter = makeEmitter(counters)
    let resource = open()
    var count = 0
    while let item = try await next(lane, exit, emitter) {
      let output = try await attempt(item.element, resource, run, counters)
      if let exit {
        let due = lane.leave((item.number, output))
        if exit.finish(due) { try await exit.passOn(emitter) }
      } else if let output {
        try await emitter.emit(output)
      }
      count += 1
      if count % Self.elementsPerTurn == 0 { await Task.yield() }
    }
    counters.add(input: count)
  }

  /// The next element; in a run that was cancelled none, even if some wait. A worker that must wait for it first passes on what
  /// is ready: nobody else might.
  @inlinable
  func next(
    _ lane: Lane, _ exit: OrderedExit<Output>?, _ emitter: Emitter<Output>
  ) async throws -> Item? {
    try Task.checkCancellation()
    if let item = lane.tryNext() { return item }
    if let exit {
      if exit.finish(lane.takeFinished(), enough: 1) { try await exit.passOn(emitter) }
    } else {
      try await emitter.flush()
    }
    return await lane.next()
  }

  @inlinable
  func attempt(
    _ element: Input, _ resource: Resource, _ run: PipelineRun, _ counters: StageCounters
  ) async throws -> Output? {
    do {
      return try await transform(resource, element)
    } catch {
      try run.handle(error, in: counters)
      return nil
    }
  }
}
