/// A concurrent stage in one run: its queue, its lanes, its exit.
@usableFromInline
struct RunningStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
  @usableFromInline typealias Stage = ConcurrentStage<Input, Output, Resource>

  @usableFromInline let stage: Stage
  @usableFromInline let instance: StageInstance<Input>
  @usableFromInline let inlet: Inlet<Stage.Item>
  /// In the input's order, if there is more than one worker that could break it.
  @usableFromInline let exit: OrderedExit<Output>?
  @usableFromInline let workerGroups: [Stage.WorkerGroup]
  @usableFromInline let demand: WorkerDemand
  /// One for each group.
  @usableFromInline let lanes: [Stage.Lane]
  @usableFromInline let timer = FlushTimer()

  @inlinable
  init(_ stage: Stage, _ instance: StageInstance<Input>) {
    (self.stage, self.instance) = (stage, instance)
    let window = stage.isAlone ? nil : stage.window
    exit = window.map { OrderedExit(window: $0, worthwhile: stage.passesOnAtOnce ? 1 : nil) }
    let inlet = Inlet<Stage.Item>(of: instance.counters, capacity: stage.capacity)
    let groups = stage.workerGroups
    self.inlet = inlet
    workerGroups = groups
    let demand = WorkerDemand(lanes: groups.count)
    self.demand = demand
    // In order, what leaves one lane may wait for what is withheld in another.
    let shared = exit.map { _ in LastDeparture() }
    lanes = groups.enumerated().map { place, group in
      Stage.Lane(
        inlet: inlet, batchSize: stage.batchSize(group), parts: groups.count, workers: group.count, demand: demand,
        place: place, lastDeparture: shared ?? LastDeparture())
    }
  }

  @inlinable var counters: StageCounters { instance.counters }

  // MARK: The entrance

  /// For a task of the stage before.
  @inlinable
  func makeEntrance() -> Emitter<Input> {
    // What may not wait before the workers is not to wait for its batch either.
    var size = max(1, min(BatchBuffer<Input>.defaultSize, stage.readAhead ?? .max))
    if let window = stage.window {
      // To be started in another order a batch should be large; four of them in the window keep the workers busy
      // meanwhile.
      let part = max(1, window / 4)
      size = stage.startingKey == nil ? min(size, part) : part
    }
    let previous = instance.upstream.stage
    return .batching(from: previous, to: counters, size: size) { batch in
      let first = try await admit(batch.count, from: previous)
      let items = stage.schedule(batch.enumerated().map { Stage.Item(number: first + $0.offset, element: $0.element) })
      try await inlet.send(items, from: previous)
    }
  }

  /// The number of the first of `count` elements; suspends until there are places for them.
  @inlinable
  func admit(_ count: Int, from previous: StageCounters) async throws -> Int {
    guard let exit else { return 0 }
    var numbers = exit.tryAdmit(count)
    if numbers == nil { numbers = await previous.blocked.measure { await exit.admit(count) } }
    if let numbers { return numbers.lowerBound }
    counters.add(taken: count)
    counters.add(cancelled: count)
    throw CancellationError()
  }

  // MARK: The workers

  @inlinable
  func work(_ lane: Stage.Lane, _ makeEmitter: EmitterFactory<Output>) async throws {
    if stage.passesOnAtOnce {
      return try await stage.resources.with(instance) { resource in
        try await withEmitter(makeEmitter) { emitter in try await workAlone(resource, emitter) }
      }
    }
    // Where there are few elements most workers never get one, and need nothing.
    try Task.checkCancellation()
    var first = lane.tryNext()
    if first == nil { first = await counters.starved.measure { await lane.next() } }
    if first == nil { return try Task.checkCancellation() }
    defer { if first != nil { counters.add(cancelled: 1) } }
    try await stage.resources.with(instance) { resource in
      try await withEmitter(makeEmitter) { emitter in try await work(lane, first.take(), resource, emitter) }
    }
  }

  /// A worker holds no element while it waits: neither the last that it finished nor the first.
  ///
  /// - Parameter first: an element that the worker has already.
  @inlinable
  func work(
    _ lane: Stage.Lane, _ first: consuming Stage.Item?, _ resource: Resource, _ emitter: Emitter<Output>
  ) async throws {
    var count = 0
    defer { counters.add(attempts: count % Stage.elementsPerTurn) }
    var next = consume first
    while let item = next.take() {
      count += 1
      let number = item.number
      let output = try await attempt(consume item, resource)
      if exit != nil || output != nil { try await leave(number, consume output, lane, emitter) }
      if count % Stage.elementsPerTurn == 0 {
        counters.add(attempts: Stage.elementsPerTurn)
        await Task.yield()
      }
      next = try await self.next(lane, emitter)
    }
    try Task.checkCancellation()
  }

  @inlinable
  func attempt(_ item: consuming Stage.Item, _ resource: Resource) async throws -> Output? {
    try await stage.work.attempt(item.element, resource, instance.run, counters)
  }

  /// The next element; in a run that was cancelled none, even if some wait. A worker that must wait for it first passes
  /// on what is ready: nobody else might.
  @inlinable
  func next(_ lane: Stage.Lane, _ emitter: Emitter<Output>) async throws -> Stage.Item? {
    try Task.checkCancellation()
    if let item = lane.tryNext() { return item }
    try await leaveAll(of: lane, emitter)
    return await counters.starved.measure { await lane.next() }
  }

  // MARK: The end

  /// Counts what lies in the queue, the lanes and the window as cancelled. For when all tasks have ended.
  @inlinable
  func sweep() {
    inlet.sweep()
    var left = exit?.unfinished ?? 0
    for lane in lanes { left += lane.unfinished }
    counters.add(cancelled: left)
  }
}
