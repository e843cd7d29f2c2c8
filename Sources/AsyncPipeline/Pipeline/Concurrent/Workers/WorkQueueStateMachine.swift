import DequeModule

/// The elements that wait for the workers of one executor, and what those workers do: a value that takes an event and
/// returns an action. It neither locks nor resumes.
///
/// Elements arrive by the batch. A worker that finds the queue empty fetches the next batch from the stage's input
/// queue; a worker that finds another one fetching parks. A worker that takes an element is busy for an unknown time,
/// so that it first calls for help: it has a parked worker resumed, or more workers started if none is parked. One call
/// is enough, because the worker that comes calls for the next.
///
/// Invariant: unless a worker is about to take or is fetching, there are either neither elements nor a batch to fetch,
/// or neither parked workers nor workers to start.
@usableFromInline
struct WorkQueueStateMachine<Item, Worker> {
  @usableFromInline
  enum Supply {
    case open
    /// A worker fetches the next batch.
    case fetching
    /// No further batch comes.
    case ended
  }

  @usableFromInline
  enum Startup: Equatable {
    case idle
    /// More workers have been requested and have not been started.
    case requested
    /// So many workers have been started and have not had their first turn.
    case arriving(Int)
  }

  /// By what factor a request multiplies the workers. A guess: with it three requests lead from 8 to 200.
  @inlinable static var growth: Int { 3 }

  @usableFromInline let workerLimit: Int
  @usableFromInline let firstWorkers: Int
  @usableFromInline var items = Deque<Item>()
  /// Idle workers. The last to park is resumed first: its memory is more likely to be cached.
  @usableFromInline var parked: [Worker] = []
  /// A parked worker has been resumed and has not had its turn.
  @usableFromInline var isWaking = false
  @usableFromInline var supply = Supply.open
  @usableFromInline var startup = Startup.idle
  @usableFromInline var started = 0

  /// - Parameters:
  ///   - workerLimit: how many workers there are at most.
  ///   - firstWorkers: how many are started first. A guess: starting and ending a worker takes some 7 µs, and 200 of
  ///     them as long as a disk takes for a read.
  @inlinable
  init(workerLimit: Int, firstWorkers: Int = 8) {
    (self.workerLimit, self.firstWorkers) = (workerLimit, firstWorkers)
  }

  @inlinable var itemCount: Int { items.count }

  // MARK: Starting

  /// The caller starts as many workers as this returns, each of which calls ``arrive()`` first. Called at the
  /// beginning, and after each ``Help/start``.
  @inlinable
  mutating func start() -> Int {
    let wanted = started == 0 ? firstWorkers : started * (Self.growth - 1)
    let count = min(wanted, workerLimit - started)
    started += count
    startup = count == 0 ? .idle : .arriving(count)
    return count
  }

  @inlinable
  mutating func arrive() {
    guard case .arriving(let count) = startup else { preconditionFailure("the worker has been started") }
    startup = count == 1 ? .idle : .arriving(count - 1)
  }

  // MARK: Taking

  /// What the worker that takes an element does first.
  @usableFromInline
  enum Help {
    case none
    case resume(Worker)
    /// More workers are to be started.
    case start
  }

  @usableFromInline
  enum TakeAction {
    case item(Item, Help)
    /// The caller fetches a batch and passes it to ``supply(_:isLast:)``.
    case fetch
    /// The caller parks: see ``park(_:)``.
    case park
    case end
  }

  /// - Parameter isResumed: whether the worker comes from ``park(_:)`` and was resumed.
  @inlinable
  mutating func take(isResumed: Bool) -> TakeAction {
    if isResumed { isWaking = false }
    if let item = items.popFirst() { return .item(item, callForHelp()) }
    switch supply {
    case .ended: return .end
    case .fetching: return .park
    case .open:
      supply = .fetching
      return .fetch
    }
  }

  @inlinable
  mutating func callForHelp() -> Help {
    if isWaking { return .none }
    // Another worker takes the next element, or fetches where none does.
    if items.isEmpty, case .fetching = supply { return .none }
    if let worker = parked.popLast() {
      isWaking = true
      return .resume(worker)
    }
    if startup != .idle || started == workerLimit { return .none }
    startup = .requested
    return .start
  }

  // MARK: Fetching

  /// Ends a fetch with a batch, which is empty if there was nothing to be had without waiting.
  ///
  /// - Returns: the workers to resume.
  @inlinable
  mutating func supply(_ batch: [Item]) -> [Worker] {
    items.append(contentsOf: batch)
    guard case .fetching = supply else { return [] }
    supply = .open
    // The caller takes from the batch, and calls for help then. Without one it goes, and another worker must fetch.
    if !batch.isEmpty || isWaking { return [] }
    guard let worker = parked.popLast() else { return [] }
    isWaking = true
    return [worker]
  }

  /// No further batch comes: the input has ended, or a worker fails. Elements that are here can still be taken.
  ///
  /// - Returns: the workers to resume.
  @inlinable
  mutating func end() -> [Worker] {
    supply = .ended
    return parked.takeAll()
  }

  // MARK: Parking

  /// - Returns: whether the worker is parked; if not it takes again at once.
  @inlinable
  mutating func park(_ worker: Worker) -> Bool {
    // An element or the end may have come meanwhile.
    guard case .fetching = supply else { return false }
    parked.append(worker)
    return true
  }
}

extension Array {
  @inlinable
  mutating func takeAll() -> [Element] {
    defer { self = [] }
    return self
  }
}
