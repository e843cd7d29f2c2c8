/// A number of workers between a bounded channel and what follows.
@usableFromInline
struct ConcurrentStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
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
    try await ConcurrentRun(fitted(behind: instance.upstream.bound), instance).run(makeEmitter)
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

  /// Elements that a work queue takes, and passes on, together. Guesses: a lock and a wake-up for 16 are cheap, and a
  /// batch for an executor with many workers is to keep half of them busy.
  @inlinable
  func batchSize(_ group: WorkerGroup) -> Int {
    max(16, group.count / 2)
  }

  /// Whether workers pass elements on together: those on executors of their own do, within the time that
  /// ``FlushTimer`` bounds. Where the caller's tasks run, the next element may take any time, and an element must not
  /// wait for it.
  @inlinable var sharesExecutors: Bool { !executors.contains { $0 == nil } }

  /// The workers that share an executor.
  @usableFromInline
  struct WorkerGroup: Sendable {
    @usableFromInline let executor: any TaskExecutor
    @usableFromInline var count = 1

    @inlinable
    init(executor: any TaskExecutor) {
      self.executor = executor
    }
  }

  /// For a stage that ``sharesExecutors``.
  @inlinable var workerGroups: [WorkerGroup] {
    var groups: [WorkerGroup] = []
    var indices: [ObjectIdentifier: Int] = [:]
    for executor in executors.lazy.compactMap(\.self) {
      if let index = indices[ObjectIdentifier(executor)] {
        groups[index].count += 1
      } else {
        indices[ObjectIdentifier(executor)] = groups.count
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
