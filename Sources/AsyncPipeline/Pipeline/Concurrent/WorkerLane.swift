import DequeModule
import Synchronization

/// The workers of one executor, seen from the stage: where they get their elements, and where they leave what they
/// finished.
///
/// Elements come to a lane and leave it by the batch, so that many workers do not stand in line at the same two locks;
/// within the lane each takes one at a time. A worker that takes an element wakes one more, or has some started if none
/// sleeps, which gets its turn when the first must wait for something, and takes the next element or goes for more:
/// where nothing makes them wait a few workers, with warm buffers, do all the work, and where everything does all of
/// them are at it soon.
@usableFromInline
final class WorkerLane<Item: Sendable, Output: Sendable>: Sendable {
  @usableFromInline typealias Finished = (number: Int, output: Output?)

  @usableFromInline
  struct State {
    @usableFromInline var items = Deque<Item>()
    @usableFromInline var finished: [Finished] = []
    /// Workers with nothing to do; the last to come is the first to be woken.
    @usableFromInline var parked: [UnsafeContinuation<Void, Never>] = []
    /// One of them has been woken and has not had its turn yet: no need for another.
    @usableFromInline var isWaking = false
    @usableFromInline var isRefilling = false
    @usableFromInline var isAtEnd = false
    /// Workers that may still be started, and those that were.
    @usableFromInline var unstarted: Int
    @usableFromInline var started = 0
    /// Of those, how many have not had their first turn yet.
    @usableFromInline var coming = 0
    /// More have been asked for, and have not been started yet.
    @usableFromInline var hasAsked = false

    @inlinable
    init(workers: Int) {
      unstarted = workers
    }

    /// Takes a parked worker, for the caller to resume.
    @inlinable
    mutating func wakeOne() -> UnsafeContinuation<Void, Never>? {
      let worker = parked.popLast()
      isWaking = worker != nil
      return worker
    }

    /// Finds somebody who goes on while the caller is busy.
    @inlinable
    mutating func findHelp() -> Help {
      if let worker = wakeOne() { return .wake(worker) }
      if unstarted == 0 || hasAsked || coming > 0 { return .none }
      hasAsked = true
      return .start
    }
  }

  @usableFromInline
  enum Help {
    case none, start
    case wake(UnsafeContinuation<Void, Never>)
  }

  /// Elements that come and leave together.
  @usableFromInline let batchSize: Int
  /// How many workers share the channel, on all lanes: a batch leaves something for the others.
  @usableFromInline let parts: Int
  @usableFromInline let inlet: Inlet<Item>
  /// Who starts workers, and what the lane is called there.
  @usableFromInline let demand: WorkerDemand
  @usableFromInline let place: Int
  @usableFromInline let state: Mutex<State>
  /// Of the lane, or of all lanes if they leave through one exit.
  @usableFromInline let lastDeparture: LastDeparture

  /// - Parameter workers: how many there may be; none has been started.
  @inlinable
  init(
    inlet: Inlet<Item>, batchSize: Int, parts: Int, workers: Int, demand: WorkerDemand, place: Int,
    lastDeparture: LastDeparture
  ) {
    (self.inlet, self.batchSize, self.parts) = (inlet, batchSize, parts)
    (self.demand, self.place, self.lastDeparture) = (demand, place, lastDeparture)
    state = Mutex(State(workers: workers))
  }

  // MARK: Starting

  /// Workers that a lane has from the beginning, if it may have so many; and how many times as many it has after each
  /// time that it wanted more. Guesses: a worker takes some 7 µs to start and end, all of them some time that a disk
  /// takes for a read, and three steps lead to two hundred.
  @inlinable static var firstWorkers: Int { 8 }
  @inlinable static var growth: Int { 3 }

  /// How many workers the caller is to start now, each of which is to ``arrive()``.
  @inlinable
  func start() -> Int {
    state.withLock { state in
      let wanted = state.started == 0 ? Self.firstWorkers : state.started * (Self.growth - 1)
      let count = min(wanted, state.unstarted)
      state.hasAsked = false
      state.unstarted -= count
      state.started += count
      state.coming += count
      return count
    }
  }

  /// A worker that was started has its first turn.
  @inlinable
  func arrive() {
    state.withLock { $0.coming -= 1 }
  }

  // MARK: Taking

  @usableFromInline
  enum Step {
    case item(Item, Help)
    case mustRefill, mustWait, atEnd
  }

  @inlinable
  func find(_ help: Help) {
    switch help {
    case .none: return
    case .start: demand.ask(lane: place)
    case .wake(let worker): worker.resume()
    }
  }

  /// The next element if the lane or the channel has one now.
  @inlinable
  func tryNext() -> Item? {
    switch step() {
    case .item(let item, let help):
      find(help)
      return item
    case .mustWait, .atEnd: return nil
    case .mustRefill:
      let batch = inlet.tryReceiveShare(of: parts, upTo: batchSize)
      refill(batch, isAtEnd: false)
      return batch.isEmpty ? nil : tryNext()
    }
  }

  /// The next element; suspends while there is none. Nil at the end.
  @inlinable
  func next() async -> Item? {
    while true {
      switch step() {
      case .item(let item, let help):
        find(help)
        return item
      case .atEnd: return nil
      case .mustWait:
        await park()
        state.withLock { $0.isWaking = false }
      case .mustRefill:
        let batch = await inlet.receiveShare(of: parts, upTo: batchSize)
        refill(batch, isAtEnd: batch.isEmpty)
      }
    }
  }

  @inlinable
  func step() -> Step {
    state.withLock { state in
      if let item = state.items.popFirst() {
        // Somebody must go for more while this worker is busy, unless somebody is there already.
        let isWorthIt = !state.isWaking && (!state.items.isEmpty || !state.isRefilling)
        return .item(item, isWorthIt ? state.findHelp() : .none)
      }
      if state.isAtEnd { return .atEnd }
      if state.isRefilling { return .mustWait }
      state.isRefilling = true
      return .mustRefill
    }
  }

  /// What the worker that refills has brought. If it is nothing, somebody else must try; at the end everybody may go.
  @inlinable
  func refill(_ batch: [Item], isAtEnd: Bool) {
    let woken = state.withLock { state in
      state.isRefilling = false
      state.items.append(contentsOf: batch)
      if isAtEnd { state.isAtEnd = true }
      if isAtEnd { return state.parked.takeAll() }
      return batch.isEmpty ? state.wakeOne().map { [$0] } ?? [] : []
    }
    for continuation in woken { continuation.resume() }
  }

  @inlinable
  func park() async {
    await withUnsafeContinuation { continuation in
      let mustWait = state.withLock { state in
        if !state.isRefilling || state.isAtEnd { return false }
        state.parked.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
  }

  /// For a worker that leaves with an error: those that are parked must not wait for it.
  @inlinable
  func abandon() {
    refill([], isAtEnd: true)
  }

  // MARK: Leaving

  /// Leaves a finished element. The batch that is due, if that completed one.
  @inlinable
  func leave(_ finished: Finished) -> [Finished] {
    state.withLock { state in
      // In one allocation, however few of them leave together.
      if state.finished.isEmpty { state.finished.reserveCapacity(batchSize) }
      state.finished.append(finished)
      return state.finished.count < batchSize ? [] : state.finished.takeAll()
    }
  }

  /// What has been taken from the queue or was left here, and nobody has taken since; without those that were left out.
  @inlinable var unfinished: Int {
    state.withLock { state in state.items.count + state.finished.count { $0.output != nil } }
  }

  /// Whether something finished waits for its batch.
  @inlinable var isWithholding: Bool { state.withLock { !$0.finished.isEmpty } }

  /// What has been left so far.
  @inlinable
  func takeFinished() -> [Finished] {
    state.withLock { $0.finished.takeAll() }
  }
}

extension Array {
  @inlinable
  mutating func takeAll() -> [Element] {
    defer { self = [] }
    return self
  }
}
