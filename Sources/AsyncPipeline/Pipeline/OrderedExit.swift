import DequeModule
import Synchronization

/// The exit of a concurrent stage that keeps its input's order: who may come in, what waits, and who passes it on.
///
/// No task is there for the purpose. The worker that finds elements ready to leave, and nobody passing them on, does it.
@usableFromInline
final class OrderedExit<Element: Sendable>: Sendable {
  @usableFromInline
  struct State {
    @usableFromInline var window: ReorderWindow<Element>
    @usableFromInline var isPassingOn = false
    /// Producers that wait for places, first come first served.
    @usableFromInline var waiting = Deque<Waiter>()
    @usableFromInline var lastID = 0

    @inlinable
    init(window: Int) {
      self.window = ReorderWindow(size: window)
    }

    /// Makes the caller the one who passes on, if nobody is and there is enough.
    @inlinable
    mutating func claim(from enough: Int) -> Bool {
      if isPassingOn || window.readyCount < enough { return false }
      isPassingOn = true
      return true
    }

    @inlinable
    mutating func takeServedWaiters() -> [Waiter] {
      var served: [Waiter] = []
      var free = window.freeCount
      while let first = waiting.first, first.count <= free {
        free -= first.count
        served.append(waiting.removeFirst())
      }
      return served
    }
  }

  @usableFromInline
  struct Waiter {
    @usableFromInline let id: Int
    @usableFromInline let count: Int
    @usableFromInline let continuation: UnsafeContinuation<Void, Never>

    @inlinable
    init(id: Int, count: Int, continuation: UnsafeContinuation<Void, Never>) {
      (self.id, self.count, self.continuation) = (id, count, continuation)
    }
  }

  @usableFromInline let state: Mutex<State>
  /// So many elements are worth the crossing to the next stage; fewer leave only when a worker has nothing better to do. A
  /// guess: four batches, and no more than a fraction of the window, so that the window cannot stall on it.
  @usableFromInline let worthwhile: Int

  @inlinable
  init(window: Int) {
    state = Mutex(State(window: window))
    worthwhile = max(1, min(256, window / 4))
  }

  // MARK: Coming in

  /// Numbers for `count` elements, which are no more than the window's size; suspends until there are places for all. Nil if
  /// the task is cancelled.
  @inlinable
  func admit(_ count: Int) async -> Range<Int>? {
    while !Task.isCancelled {
      if let numbers = state.withLock({ $0.window.admit(count) }) { return numbers }
      await waitForPlaces(count)
    }
    return nil
  }

  @inlinable
  func waitForPlaces(_ count: Int) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let mustWait = state.withLock { state in
          // A cancellation before this has found nothing to resume.
          if state.window.freeCount >= count || Task.isCancelled { return false }
          state.waiting.append(Waiter(id: id, count: count, continuation: continuation))
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
      }
      waiter?.continuation.resume()
    }
  }

  // MARK: Going out

  /// Elements are done; without an output they are left out.
  ///
  /// - Parameter enough: how many must be ready for it to be worth passing them on; fewer for a worker with nothing else to do.
  /// - Returns: whether the caller must now ``passOn(_:)``.
  @inlinable
  func finish(_ finished: [(number: Int, output: Element?)], enough: Int? = nil) -> Bool {
    if finished.isEmpty && enough == nil { return false }
    return state.withLock { state in
      for (number, output) in finished { state.window.finish(number, output) }
      return state.claim(from: enough ?? worthwhile)
    }
  }

  /// Passes on what is ready, until nothing is. Only for who was told to.
  @inlinable
  func passOn(_ emitter: Emitter<Element>) async throws {
    while true {
      let (ready, served) = state.withLock { state in
        if state.window.readyCount == 0 {
          state.isPassingOn = false
          return ([Element](), [Waiter]())
        }
        return (state.window.takeReady(), state.takeServedWaiters())
      }
      for waiter in served { waiter.continuation.resume() }
      // All that was ready may have been left out.
      if ready.isEmpty {
        if state.withLock({ !$0.isPassingOn }) { return }
        continue
      }
      for element in ready { try await emitter.emit(element) }
      try await emitter.flush()
    }
  }
}
