import DequeModule
import Synchronization

/// The exit of a concurrent stage that keeps its input's order: who may come in, what waits, and who passes it on.
///
/// No task is there for the purpose. The worker that finds elements ready to leave, and nobody passing them on, does it.
final class OrderedExit<Element: Sendable>: Sendable {
  private struct State {
    var window: ReorderWindow<Element>
    var isPassingOn = false
    /// Producers that wait for places, first come first served.
    var waiting = Deque<Waiter>()
    var lastID = 0

    /// Makes the caller the one who passes on, if nobody is and there is enough.
    mutating func claim(from enough: Int) -> Bool {
      if isPassingOn || window.readyCount < enough { return false }
      isPassingOn = true
      return true
    }

    /// Numbers for who comes now, and behind whom nobody waits.
    mutating func admit(_ count: Int) -> Range<Int>? {
      waiting.isEmpty ? window.admit(count) : nil
    }

    /// Gives those that wait longest their numbers, as far as there are places. Whoever was resumed without them, and was then
    /// cancelled, would leave the others waiting beside free places.
    mutating func serve() -> [Served] {
      var served: [Served] = []
      while let first = waiting.first, let numbers = window.admit(first.count) {
        served.append(Served(continuation: first.continuation, numbers: numbers))
        waiting.removeFirst()
      }
      return served
    }
  }

  private typealias Continuation = UnsafeContinuation<Range<Int>?, Never>

  private struct Waiter {
    let id: Int
    let count: Int
    let continuation: Continuation
  }

  /// Whom to resume, once the lock is released.
  private struct Served {
    let continuation: Continuation
    let numbers: Range<Int>?
  }

  private let state: Mutex<State>
  /// So many elements are worth the crossing to the next stage; fewer leave only when a worker has nothing better to do. A
  /// guess: half a batch, and no more than a fraction of the window, so that the window cannot stall on it.
  private let worthwhile: Int

  init(window: Int) {
    state = Mutex(State(window: ReorderWindow(size: window)))
    worthwhile = max(1, min(32, window / 4))
  }

  // MARK: Coming in

  /// Numbers for `count` elements, which are no more than the window's size; suspends until there are places for all. Nil if
  /// the task is cancelled.
  func admit(_ count: Int) async -> Range<Int>? {
    if Task.isCancelled { return nil }
    let (numbers, id) = state.withLock { state in
      state.lastID += 1
      return (state.admit(count), state.lastID)
    }
    if let numbers { return numbers }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        resume(
          state.withLock { state in
            // A cancellation before this has found nobody.
            if Task.isCancelled { return [Served(continuation: continuation, numbers: nil)] }
            state.waiting.append(Waiter(id: id, count: count, continuation: continuation))
            return state.serve()
          })
      }
    } onCancel: {
      resume(
        state.withLock { state in
          guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return [] }
          let cancelled = state.waiting.remove(at: index)
          return [Served(continuation: cancelled.continuation, numbers: nil)] + state.serve()
        })
    }
  }

  private func resume(_ served: [Served]) {
    for waiter in served { waiter.continuation.resume(returning: waiter.numbers) }
  }

  // MARK: Going out

  /// A worker is done with an element; nil if it is left out.
  ///
  /// - Returns: whether the caller must now ``passOn(_:)``.
  func finish(_ number: Int, _ element: Element?) -> Bool {
    state.withLock { state in
      state.window.finish(number, element)
      return state.claim(from: worthwhile)
    }
  }

  /// For a worker that has nothing else to do: whether it must ``passOn(_:)`` what little there is.
  func claimRest() -> Bool {
    state.withLock { $0.claim(from: 1) }
  }

  /// Passes on what is ready, until nothing is. Only for who was told to.
  func passOn(_ emitter: Emitter<Element>) async throws {
    while let ready = takeReady() {
      for element in ready { try await emitter.emit(element) }
      try await emitter.flush()
    }
  }

  /// What is ready; none, perhaps, if all of it was left out. What was taken before has been passed on by now, and its places
  /// are free. Nil if nothing is ready: from then on nobody passes on, and the caller must not go on, because the next one may
  /// have begun.
  private func takeReady() -> [Element]? {
    let (ready, served) = state.withLock { state -> ([Element]?, [Served]) in
      state.window.freePlaces()
      let served = state.serve()
      if state.window.readyCount == 0 {
        state.isPassingOn = false
        return (nil, served)
      }
      return (state.window.takeReady(), served)
    }
    resume(served)
    return ready
  }
}
