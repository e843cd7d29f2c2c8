import Synchronization

/// The work queue of the workers that share an executor, and the batch of elements that they have finished.
///
/// Elements come from the stage's input queue and leave by the batch, so that workers do not contend for those two
/// locks at each element; the work queue gives out one at a time. Where nothing makes a worker wait, a few workers with
/// warm caches do all the work; where each element makes its worker wait, all workers are soon busy.
@usableFromInline
final class WorkQueue<Item: Sendable, Output: Sendable>: Sendable {
  @usableFromInline typealias Finished = (number: Int, output: Output?)
  /// Of a parked worker; resumed with true.
  @usableFromInline typealias Continuation = UnsafeContinuation<Bool, Never>
  @usableFromInline typealias Machine = WorkQueueStateMachine<Item, Continuation>

  @usableFromInline
  struct State {
    @usableFromInline var machine: Machine
    @usableFromInline var finished: [Finished] = []

    @inlinable
    init(workerLimit: Int) {
      machine = Machine(workerLimit: workerLimit)
    }
  }

  /// How many elements arrive, and leave, together at most.
  @usableFromInline let batchSize: Int
  /// How many work queues share the input queue: a fetch leaves elements for the others.
  @usableFromInline let shares: Int
  @usableFromInline let input: StageInputQueue<Item>
  /// Has more workers started.
  @usableFromInline let requestWorkers: @Sendable () -> Void
  /// Of this queue, or of all queues of a stage whose elements leave through one reorder buffer.
  @usableFromInline let lastFlush: LastFlush
  @usableFromInline let state: Mutex<State>

  /// - Parameter workerLimit: how many workers there are at most. None has been started.
  @inlinable
  init(
    input: StageInputQueue<Item>, batchSize: Int, shares: Int, workerLimit: Int, lastFlush: LastFlush,
    requestWorkers: @escaping @Sendable () -> Void
  ) {
    (self.input, self.batchSize, self.shares) = (input, batchSize, shares)
    (self.lastFlush, self.requestWorkers) = (lastFlush, requestWorkers)
    state = Mutex(State(workerLimit: workerLimit))
  }

  // MARK: Workers

  /// How many workers the caller starts now, each of which calls ``arrive()`` first.
  @inlinable
  func start() -> Int {
    state.withLock { $0.machine.start() }
  }

  /// A worker that was started has its first turn.
  @inlinable
  func arrive() {
    state.withLock { $0.machine.arrive() }
  }

  /// Releases the parked workers, for a worker that leaves with an error.
  @inlinable
  func end() {
    resume(state.withLock { $0.machine.end() })
  }

  @inlinable
  func resume(_ workers: [Continuation]) {
    for worker in workers { worker.resume(returning: true) }
  }

  // MARK: Taking

  /// The next element, if this queue or the input queue has one now.
  @inlinable
  func tryNext() -> Item? {
    switch take(isResumed: false) {
    case .item(let item, let help):
      call(help)
      return item
    case .park, .end: return nil
    case .fetch:
      let batch = input.tryReceiveShare(of: shares, upTo: batchSize)
      supply(batch)
      return batch.isEmpty ? nil : tryNext()
    }
  }

  /// The next element; suspends while there is none. Nil at the end, and if the task that fetches is cancelled.
  @inlinable
  func next() async -> Item? {
    var isResumed = false
    while true {
      switch take(isResumed: isResumed) {
      case .item(let item, let help):
        call(help)
        return item
      case .end: return nil
      case .park: isResumed = await park()
      case .fetch:
        let batch = await input.receiveShare(of: shares, upTo: batchSize)
        if batch.isEmpty { end() } else { supply(batch) }
        isResumed = false
      }
    }
  }

  @inlinable
  func take(isResumed: Bool) -> Machine.TakeAction {
    state.withLock { $0.machine.take(isResumed: isResumed) }
  }

  @inlinable
  func call(_ help: Machine.Help) {
    switch help {
    case .none: return
    case .start: requestWorkers()
    case .resume(let worker): worker.resume(returning: true)
    }
  }

  @inlinable
  func supply(_ batch: [Item]) {
    resume(state.withLock { $0.machine.supply(batch) })
  }

  /// - Returns: whether the worker was parked.
  @inlinable
  func park() async -> Bool {
    await withUnsafeContinuation { continuation in
      let isParked = state.withLock { $0.machine.park(continuation) }
      if !isParked { continuation.resume(returning: false) }
    }
  }

  // MARK: Finished elements

  /// Adds a finished element to the batch.
  ///
  /// - Returns: the batch, if that completes it.
  @inlinable
  func finish(_ finished: Finished) -> [Finished] {
    state.withLock { state in
      // One allocation, even if the batch leaves before it is complete.
      if state.finished.isEmpty { state.finished.reserveCapacity(batchSize) }
      state.finished.append(finished)
      return state.finished.count < batchSize ? [] : state.finished.takeAll()
    }
  }

  /// What the batch holds so far.
  @inlinable
  func takeFinished() -> [Finished] {
    state.withLock { $0.finished.takeAll() }
  }

  /// Whether a finished element waits for its batch.
  @inlinable var isWithholding: Bool { state.withLock { !$0.finished.isEmpty } }

  /// How many elements wait here, or are finished and have an output.
  @inlinable var remaining: Int {
    state.withLock { state in state.machine.itemCount + state.finished.count { $0.output != nil } }
  }
}
