import DequeModule
import Synchronization

/// The exit of a concurrent stage that keeps its input's order: who may come in, what waits, and who passes it on.
///
/// No task is there for the purpose. The worker that finds elements ready to leave, and nobody passing them on, does
/// it.
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

    /// Numbers for who comes now, and behind whom nobody waits.
    @inlinable
    mutating func admit(_ count: Int) -> Range<Int>? {
      waiting.isEmpty ? window.admit(count) : nil
    }

    /// Gives those that wait longest their numbers, as far as there are places. Whoever was resumed without them, and
    /// was then cancelled, would leave the others waiting beside free places.
    @inlinable
    mutating func serve() -> [Served] {
      var served: [Served] = []
      while let first = waiting.first, let numbers = window.admit(first.count) {
        served.append(Served(continuation: first.continuation, numbers: numbers))
        waiting.removeFirst()
      }
      return served
    }
  }

  @usableFromInline typealias Continuation = UnsafeContinuation<Range<Int>?, Never>

  @usableFromInline
  struct Waiter {
    @usableFromInline let id: Int
    @usableFromInline let count: Int
    @usableFromInline let continuation: Continuation

    @inlinable
    init(id: Int, count: Int, continuation: Continuation) {
      (self.id, self.count, self.continuation) = (id, count, continuation)
    }
  }

  /// Whom to resume, once the lock is released.
  @usableFromInline
  struct Served {
    @usableFromInline let continuation: Continuation
    @usableFromInline let numbers: Range<Int>?

    @inlinable
    init(continuation: Continuation, numbers: Range<Int>?) {
      (self.continuation, self.numbers) = (continuation, numbers)
    }
  }

  @usableFromInline let state: Mutex<State>
  /// So many elements are worth the crossing to the next stage; fewer leave only when a worker has nothing better to
  /// do.
  @usableFromInline let worthwhile: Int

  @inlinable
  init(window: Int, worthwhile: Int? = nil) {
    state = Mutex(State(window: window))
    self.worthwhile = worthwhile ?? Self.worthwhile(window: window)
  }

  /// A guess: four batches, and no more than a fraction of the window, so that the window cannot stall on it.
  @inlinable
  static func worthwhile(window: Int) -> Int {
    max(1, min(256, window / 4))
  }

  // MARK: Coming in

  /// As ``admit(_:)``, without suspending: nil if there are not enough places now, or others wait.
  @inlinable
  func tryAdmit(_ count: Int) -> Range<Int>? {
    state.withLock { $0.admit(count) }
  }

  /// Numbers for `count` elements, which are no more than the window's size; suspends until there are places for all.
  /// Nil if the task is cancelled.
  @inlinable
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

  @inlinable
  func resume(_ served: [Served]) {
    for waiter in served { waiter.continuation.resume(returning: waiter.numbers) }
  }

  // MARK: Going out

  /// Elements are done; without an output they are left out.
  ///
  /// - Parameter enough: how many must be ready for it to be worth passing them on; fewer for a worker with nothing
  ///   else to do.
  /// - Returns: whether the caller must now ``passOn(_:)``.
  @inlinable
  func finish(_ finished: [(number: Int, output: Element?)], enough: Int? = nil) -> Bool {
    if finished.isEmpty && enough == nil { return false }
    return state.withLock { state in
      for (number, output) in finished { state.window.finish(number, output) }
      return state.claim(from: enough ?? worthwhile)
    }
  }

  /// What the worker that finished an element must pass on.
  @usableFromInline
  enum Departure {
    case nothing
    case one(Element)
    case several([Element])
  }

  /// An element is done, and leaves at once if it can. Unless nothing must be passed on, the caller goes on with
  /// ``passOn(_:)``.
  @inlinable
  func leave(_ number: Int, _ output: Element?) -> Departure {
    state.withLock { state in
      state.window.finish(number, output)
      if !state.claim(from: 1) { return .nothing }
      if state.window.readyCount == 1 { return state.window.takeOneReady().map { .one($0) } ?? .several([]) }
      return .several(state.window.takeReady())
    }
  }

  /// Passes on what is ready, until nothing is. Only for who was told to.
  @inlinable
  func passOn(_ emitter: Emitter<Element>) async throws {
    while let ready = takeReady() {
      try await emitter.emit(contentsOf: ready)
      try await emitter.flush()
    }
  }

  /// What is ready; none, perhaps, if all of it was left out. What was taken before has been passed on by now, and its
  /// places are free. Nil if nothing is ready: from then on nobody passes on, and the caller must not go on, because
  /// the next one may have begun.
  @inlinable
  func takeReady() -> [Element]? {
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

  /// Whether elements are ready that no worker passes on.
  @inlinable var isWithholding: Bool { state.withLock { !$0.isPassingOn && $0.window.readyCount > 0 } }

  /// How many elements are done and have not been taken.
  @inlinable var unfinished: Int { state.withLock { $0.window.finishedCount } }
}
