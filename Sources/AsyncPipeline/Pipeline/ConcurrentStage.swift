/// A number of workers between a bounded channel and what follows.
struct ConcurrentStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// How many elements a worker takes on before it lets other tasks of its executor have a turn, in case none of them made it
  /// wait.
  private static var elementsPerTurn: Int { 16 }
  /// Elements that wait for a worker, for each that there is, where the order does not bound them.
  static var readAheadPerWorker: Int { 2 }

  let index: Int
  /// One worker on each; nil is where the run was started.
  let executors: [(any TaskExecutor)?]
  let order: OutputOrder
  /// Elements that come in together are started in ascending order of this.
  let startingKey: (@Sendable (Input) -> UInt64)?
  let open: @Sendable () -> Resource
  let transform: @Sendable (Resource, Input) async throws -> Output

  private struct Item: Sendable {
    let number: Int
    let element: Input
  }

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
      for executor in executors {
        group.addTask(executorPreference: executor) { try await work(run, channel, exit, makeEmitter) }
      }
      // Leaves with the first failure, which cancels the others.
      while try await group.next() != nil {}
    }
  }

  // MARK: The entrance

  private func entrance(
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

  private func schedule(_ items: [Item]) -> [Item] {
    guard let startingKey else { return items }
    return items.map { (key: startingKey($0.element), item: $0) }.sorted { $0.key < $1.key }.map(\.item)
  }

  // MARK: The workers

  private func work(
    _ run: PipelineRun, _ channel: Channel<Item>, _ exit: OrderedExit<Output>?,
    _ makeEmitter: Pipeline<Output>.EmitterFactory
  ) async throws {
    let counters = run.counters(ofStage: index)
    let emitter = makeEmitter(counters)
    let resource = open()
    var count = 0
    while let item = try await next(channel, exit, emitter) {
      let output = try await attempt(item.element, resource, run, counters)
      if let exit {
        if exit.finish(item.number, output) { try await exit.passOn(emitter) }
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
  private func next(
    _ channel: Channel<Item>, _ exit: OrderedExit<Output>?, _ emitter: Emitter<Output>
  ) async throws -> Item? {
    try Task.checkCancellation()
    if let item = channel.tryNext() { return item }
    if let exit {
      if exit.claimRest() { try await exit.passOn(emitter) }
    } else {
      try await emitter.flush()
    }
    return await channel.next()
  }

  private func attempt(
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
