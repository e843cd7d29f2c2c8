import Synchronization

/// Which lanes want more workers, for the one task that can start some: the one whose group they are in.
///
/// A worker that never gets an element costs as much as some files from the page cache, so that a stage of many workers begins
/// with few and starts the others when it has work for them.
@usableFromInline
final class WorkerDemand: Sendable {
  @usableFromInline
  struct State {
    /// The places of the lanes.
    @usableFromInline var lanes: [Int] = []
    @usableFromInline var isOver = false
    @usableFromInline var waiter: UnsafeContinuation<[Int], Never>?

    @inlinable
    init() {}

    /// What the waiter is to be given, if it is to be resumed.
    @inlinable
    mutating func serve() -> (UnsafeContinuation<[Int], Never>, [Int])? {
      guard isOver || !lanes.isEmpty, let waiter else { return nil }
      self.waiter = nil
      return (waiter, lanes.takeAll())
    }
  }

  @usableFromInline let state = Mutex(State())

  @inlinable
  init() {}

  /// A lane wants more workers.
  @inlinable
  func ask(lane: Int) {
    update { $0.lanes.append(lane) }
  }

  /// No more are wanted: a worker has ended, because there is nothing left or something went wrong.
  @inlinable
  func end() {
    update { $0.isOver = true }
  }

  /// The lanes that want more workers; suspends until one does. Empty when no more are wanted. The caller's being cancelled
  /// changes nothing: the workers are, and end.
  @inlinable
  func next() async -> [Int] {
    await withUnsafeContinuation { continuation in
      update { $0.waiter = continuation }
    }
  }

  @inlinable
  func update(_ change: (inout State) -> Void) {
    let served = state.withLock { state in
      change(&state)
      return state.serve()
    }
    if let (waiter, lanes) = served { waiter.resume(returning: lanes) }
  }
}
