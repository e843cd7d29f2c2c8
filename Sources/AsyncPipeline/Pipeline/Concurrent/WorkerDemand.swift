import Synchronization

/// Which lanes want more workers, for the one task that can start some: the one whose group they are in.
///
/// A worker that never gets an element costs as much as some files from the page cache, so that a stage of many workers
/// begins with few and starts the others when it has work for them.
@usableFromInline
final class WorkerDemand: Sendable {
  @usableFromInline
  struct State {
    /// The places of the lanes that want some.
    @usableFromInline var asking: [Int] = []
    /// By the lane's place, whether it may still want some.
    @usableFromInline var isOpen: [Bool]
    @usableFromInline var waiter: UnsafeContinuation<[Int], Never>?

    @inlinable
    init(lanes: Int) {
      isOpen = Array(repeating: true, count: lanes)
    }

    /// What the waiter is to be given, if it is to be resumed.
    @inlinable
    mutating func serve() -> (UnsafeContinuation<[Int], Never>, [Int])? {
      guard !asking.isEmpty || !isOpen.contains(true), let waiter else { return nil }
      self.waiter = nil
      return (waiter, asking.takeAll())
    }
  }

  @usableFromInline let state: Mutex<State>

  @inlinable
  init(lanes: Int) {
    state = Mutex(State(lanes: lanes))
  }

  /// A lane wants more workers.
  @inlinable
  func ask(lane: Int) {
    update { $0.asking.append(lane) }
  }

  /// A worker of the lane has found that nothing is left for it.
  @inlinable
  func end(lane: Int) {
    update { $0.isOpen[lane] = false }
  }

  /// Something went wrong: no more are wanted by any lane.
  @inlinable
  func end() {
    update { state in
      for lane in state.isOpen.indices { state.isOpen[lane] = false }
    }
  }

  /// The lanes that want more workers; suspends until one does. Empty when none will. The caller's being cancelled
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
