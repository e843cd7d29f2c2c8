/// A stage of several workers behind a bounded queue, as the operator's caller has described it.
@usableFromInline
struct ConcurrentStage<Input: Sendable, Output: Sendable, Resource>: Sendable {
  /// How many elements wait for each worker, where the order does not bound them. A guess: with so many a worker nearly
  /// always finds one in the queue, which is cheaper than to take it from a task that waits; and in an order by keys it
  /// takes a few to find one of another key.
  @inlinable static var readAheadPerWorker: Int { 16 }
  /// The same for a single worker, which takes elements by the batch and should find a batch each time. With 16 it
  /// costs half as much again to pass the stage (`Benchmarks pipeline`).
  @inlinable static var readAheadOfOne: Int { 128 }

  /// One worker on each; nil is where the run was started.
  @usableFromInline let executors: [(any TaskExecutor)?]
  /// Whether elements leave in the order in which they came in.
  @usableFromInline let keepsInputOrder: Bool
  /// How many elements are between entry and exit at most, in the input's order. Nil where the caller has not given it,
  /// until ``fitted(behind:)``.
  @usableFromInline var window: Int?
  /// Elements that come in one batch are started in ascending order of this key.
  @usableFromInline let startingKey: (@Sendable (Input) -> UInt64)?
  /// How many elements may wait for a worker. Nil where the caller has not given it, until ``fitted(behind:)``, and
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

  /// Whether there is one worker, where the caller's tasks run. It passes elements on in the order in which it takes
  /// them, without a reorder buffer.
  @inlinable var isAlone: Bool { executors.count == 1 && executors[0] == nil && startingKey == nil }

  /// How many elements wait for a worker at most, in a stage that was fitted.
  @inlinable var waiting: Int {
    guard let window else { return readAhead ?? 0 }
    return min(isAlone ? window - 1 : window, readAhead ?? .max)
  }

  /// How many elements a worker takes together: several only if it is the only worker, for which they wait anyway. It
  /// is a quarter of what may wait, so that the stage before nearly always finds room in the queue.
  @inlinable var portionSize: Int {
    isAlone ? max(1, min(BatchBuffer<Input>.defaultSize, waiting / 4)) : 1
  }

  /// The capacity of the input queue. Elements that a worker has taken, and is not at work on, wait too.
  @inlinable var capacity: Int { waiting - (portionSize - 1) }

  /// How many elements a work queue takes, and passes on, together. Guesses: the cost of a lock and a wake-up is small
  /// when 16 share it, and a batch for an executor with many workers should keep half of them busy.
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

  /// The elements of one batch in the order in which they are started.
  @inlinable
  func schedule(_ items: [Item]) -> [Item] {
    guard let startingKey else { return items }
    // Keys and indices are sorted, not elements: to move one of these may cost retains and releases.
    let order = items.indices.map { (key: startingKey(items[$0].element), index: $0) }.sorted { $0.key < $1.key }
    return order.map { items[$0.index] }
  }
}
