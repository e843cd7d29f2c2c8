/// A number of workers between a bounded channel and what follows.
@usableFromInline
struct ConcurrentStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// How many elements a worker takes on before it lets other tasks of its executor have a turn, in case none of them
  /// made it wait.
  @inlinable static var elementsPerTurn: Int { 16 }
  /// The same for a worker where the caller's tasks run. There a turn for others may wake a thread, which costs as much
  /// as some ten elements.
  @inlinable static var elementsPerTurnAlone: Int { 64 }
  /// Elements that wait for a worker, for each that there is, where the order does not bound them. A guess: with so
  /// many the worker finds one in the queue nearly always, which is cheaper than to take it from a task that waits; and
  /// in an order by keys it takes a few to find one of another key.
  @inlinable static var readAheadPerWorker: Int { 16 }
  /// For a worker that is the only one, and takes them by the batch: it is to find a batch each time. With 16 a
  /// boundary costs half as much again (`Benchmarks pipeline`).
  @inlinable static var readAheadOfOne: Int { 128 }

  /// One worker on each; nil is where the run was started.
  @usableFromInline let executors: [(any TaskExecutor)?]
  /// Whether elements leave in the order in which they came in.
  @usableFromInline let keepsInputOrder: Bool
  /// How many of these are between entry and exit at most. Nil where the caller has not said it, until
  /// ``fitted(behind:)``.
  @usableFromInline var window: Int?
  /// Elements that come in together are started in ascending order of this.
  @usableFromInline let startingKey: (@Sendable (Input) -> UInt64)?
  /// How many elements may wait for a worker. Nil where the caller has not said it, until ``fitted(behind:)``, and
  /// where the window bounds them.
  @usableFromInline var readAhead: Int?
  @usableFromInline let resources: WorkerResources<Resource>
  @usableFromInline let work: ElementWork<Input, Output, Resource>

  @inlinable
  init(
    executors: [(any TaskExecutor)?], order: OutputOrder<Input>, startingKey: (@Sendable (Input) -> UInt64)? = nil,
    readAhead: Int? = nil, resources: WorkerResources<Resource>, work: ElementWork<Input, Output, Resource>
  ) {
    precondition(readAhead ?? 0 >= 0, "no negative number of elements can wait")
    (self.executors, self.startingKey) = (executors, startingKey)
    (keepsInputOrder, window) = (order.keepsInputOrder, order.window)
    (self.readAhead, self.resources, self.work) = (readAhead, resources, work)
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
  func run(_ instance: StageInstance<Input>, _ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    let running = RunningStage(fitted(behind: instance.upstream.bound), instance)
    defer { running.sweep() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Tasks whose end is that of the stage.
      var working = 1
      group.addTask {
        do {
          try await instance.upstream.produce { running.makeEntrance() }
        } catch {
          running.demand.end()
          throw error
        }
        running.inlet.finish()
      }
      if !passesOnAtOnce {
        group.addTask {
          do {
            try await running.flushLate(makeEmitter)
          } catch {
            running.demand.end()
            throw error
          }
        }
      }
      func startWorkers(_ place: Int) {
        let lane = running.lanes[place]
        let count = lane.start()
        working += count
        for _ in 0..<count {
          group.addTask(on: running.workerGroups[place].executor) {
            lane.arrive()
            do {
              try await running.counters.life.measure { try await running.work(lane, makeEmitter) }
              running.demand.end(lane: place)
            } catch {
              lane.abandon()
              running.demand.end()
              throw error
            }
          }
        }
      }
      for place in running.lanes.indices { startWorkers(place) }
      while true {
        let wanting = await running.demand.next()
        if wanting.isEmpty { break }
        for place in wanting { startWorkers(place) }
      }
      // Leaves with the first failure, which cancels the others.
      for _ in 0..<working { try await group.next() }
      if passesOnAtOnce { return }
      // Nothing is withheld any more. What the timer's task is just passing on must arrive.
      running.timer.wait.interrupt()
      await running.timer.wait.untilInterrupted()
      group.cancelAll()
      while try await group.next() != nil {}
    }
  }

  /// Whether there is one worker, where the caller's tasks run: it passes elements on in the order in which it takes
  /// them, so that nothing need see to that.
  @inlinable var isAlone: Bool { executors.count == 1 && executors[0] == nil && startingKey == nil }

  /// How many elements wait for a worker at most, in a stage that was fitted.
  @inlinable var waiting: Int {
    guard let window else { return readAhead ?? 0 }
    return min(isAlone ? window - 1 : window, readAhead ?? .max)
  }

  /// Elements that a worker takes together. Where there is but one none of them loses by it: they wait for that worker
  /// anyway. Most of those that may wait are in the queue, so that the stage before is seldom kept from adding some.
  @inlinable var portionSize: Int {
    isAlone ? max(1, min(BatchBuffer<Input>.defaultSize, waiting / 4)) : 1
  }

  /// Of the queue before the workers. What a worker has taken, and is not at work on, waits too.
  @inlinable var capacity: Int { waiting - (portionSize - 1) }

  /// Elements that a lane takes and leaves together. Guesses: a lock and a wake-up for 16 are cheap, and a batch for an
  /// executor with many workers is to keep half of them busy. Where the caller's tasks run nothing is known of how long
  /// an element takes, and it is one at a time.
  @inlinable
  func batchSize(_ workers: WorkerGroup) -> Int {
    workers.executor == nil ? 1 : max(16, workers.count / 2)
  }

  /// Whether an element leaves as soon as it is done. Where the caller's tasks run nothing is known of how long the
  /// next one will take: the element must not wait for it. Workers that share an executor pass on for one another, and
  /// within the time that ``FlushTimer`` says.
  @inlinable var passesOnAtOnce: Bool { executors.contains { $0 == nil } }

  @usableFromInline
  struct WorkerGroup: Sendable {
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

  /// The order in which elements that came in together are started.
  @inlinable
  func schedule(_ items: [Item]) -> [Item] {
    guard let startingKey else { return items }
    // Sorted by numbers alone: to move an element may cost a count of its references.
    let order = items.indices.map { (key: startingKey(items[$0].element), index: $0) }.sorted { $0.key < $1.key }
    return order.map { items[$0.index] }
  }
}
