import Synchronization

/// Puts the elements of a concurrent stage back into the input's order, and bounds how many are in the stage.
///
/// No task of its own drains it: the worker that finds elements ready, and no other worker draining, does.
@usableFromInline
final class ReorderBuffer<Element: Sendable>: Sendable {
  @usableFromInline typealias Continuation = UnsafeContinuation<Range<Int>?, Never>

  @usableFromInline
  struct State {
    @usableFromInline var window: ReorderWindow<Element>
    @usableFromInline var isDraining = false
    /// Producers that wait for room.
    @usableFromInline var waiting = CancellableFIFO<Waiter>()

    @inlinable
    init(window: Int) {
      self.window = ReorderWindow(size: window)
    }

    /// Has the caller drain, if no other worker does and enough elements are ready.
    @inlinable
    mutating func beginDraining(from threshold: Int) -> Bool {
      if isDraining || window.readyCount < threshold { return false }
      isDraining = true
      return true
    }

    /// Numbers for a producer that does not wait. Nil if there is no room, or other producers wait.
    @inlinable
    mutating func admit(_ count: Int) -> Range<Int>? {
      waiting.isEmpty ? window.admit(count) : nil
    }

    /// Gives numbers to the producers that have waited longest, as far as there is room. A producer that was resumed
    /// without numbers, to ask again, could be cancelled meanwhile and leave the others waiting beside free slots.
    @inlinable
    mutating func admitWaiting() -> [Admission] {
      var admissions: [Admission] = []
      while !waiting.isEmpty, let numbers = window.admit(waiting.first.count) {
        admissions.append(Admission(continuation: waiting.popFirst()!.continuation, numbers: numbers))
      }
      return admissions
    }
  }

  @usableFromInline
  struct Waiter {
    @usableFromInline let count: Int
    @usableFromInline let continuation: Continuation

    @inlinable
    init(count: Int, continuation: Continuation) {
      (self.count, self.continuation) = (count, continuation)
    }
  }

  /// A producer to resume once the lock is released; without numbers if its task is cancelled.
  @usableFromInline
  struct Admission {
    @usableFromInline let continuation: Continuation
    @usableFromInline let numbers: Range<Int>?

    @inlinable
    init(continuation: Continuation, numbers: Range<Int>?) {
      (self.continuation, self.numbers) = (continuation, numbers)
    }
  }

  @usableFromInline let state: Mutex<State>
  /// So many ready elements are worth the crossing to the next stage. Fewer leave only when a worker is idle.
  @usableFromInline let flushThreshold: Int

  @inlinable
  init(window: Int, flushThreshold: Int? = nil) {
    state = Mutex(State(window: window))
    self.flushThreshold = flushThreshold ?? Self.flushThreshold(window: window)
  }

  /// A guess: four batches, and no more than a fraction of the window, so that the window cannot stall on it.
  @inlinable
  static func flushThreshold(window: Int) -> Int {
    max(1, min(256, window / 4))
  }

  // MARK: Admission

  /// As ``admit(_:)``, without suspending: nil if there is no room now, or other producers wait.
  @inlinable
  func tryAdmit(_ count: Int) -> Range<Int>? {
    state.withLock { $0.admit(count) }
  }

  /// Numbers for `count` elements, which are no more than the window's size; suspends until there is room for all. Nil
  /// if the task is cancelled.
  @inlinable
  func admit(_ count: Int) async -> Range<Int>? {
    if Task.isCancelled { return nil }
    let (numbers, id) = state.withLock { state -> (Range<Int>?, WaiterID?) in
      if let numbers = state.admit(count) { return (numbers, nil) }
      return (nil, state.waiting.reserve())
    }
    guard let id else { return numbers }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        resume(
          state.withLock { state in
            // A cancellation before this has found no waiter.
            if Task.isCancelled {
              state.waiting.release(id)
              return [Admission(continuation: continuation, numbers: nil)]
            }
            state.waiting.enqueue(Waiter(count: count, continuation: continuation), id)
            return state.admitWaiting()
          })
      }
    } onCancel: {
      resume(
        state.withLock { state in
          guard let cancelled = state.waiting.remove(id) else { return [] }
          return [Admission(continuation: cancelled.continuation, numbers: nil)] + state.admitWaiting()
        })
    }
  }

  @inlinable
  func resume(_ admissions: [Admission]) {
    for admission in admissions { admission.continuation.resume(returning: admission.numbers) }
  }

  // MARK: Finished elements

  /// Elements are finished; those without an output have been dropped.
  ///
  /// - Parameter threshold: how many elements must be ready to be passed on; fewer for an idle worker.
  /// - Returns: whether the caller must now call ``drainInOrder(to:)``.
  @inlinable
  func finish(_ finished: [(number: Int, output: Element?)], threshold: Int? = nil) -> Bool {
    if finished.isEmpty && threshold == nil { return false }
    return state.withLock { state in
      for (number, output) in finished { state.window.finish(number, output) }
      return state.beginDraining(from: threshold ?? flushThreshold)
    }
  }

  /// What the worker that finished an element passes on.
  @usableFromInline
  enum Ready {
    case nothing
    case one(Element)
    case several([Element])
  }

  /// An element is finished, and leaves at once if no element before it is missing. Unless the result is `nothing` the
  /// caller passes it on and then calls ``takeReady()`` until that is nil.
  @inlinable
  func finish(_ number: Int, _ output: Element?) -> Ready {
    state.withLock { state in
      state.window.finish(number, output)
      if !state.beginDraining(from: 1) { return .nothing }
      if state.window.readyCount == 1 { return state.window.takeOneReady().map { .one($0) } ?? .several([]) }
      return .several(state.window.takeReady())
    }
  }

  /// Passes on what is ready until nothing is. Only for the caller of ``finish(_:threshold:)`` that was told to.
  @inlinable
  func drainInOrder(to emitter: Emitter<Element>) async throws {
    while let ready = takeReady() {
      try await emitter.emit(contentsOf: ready)
      try await emitter.flush()
    }
  }

  /// What is ready; empty if all of it was dropped. What was taken before has been passed on by now, and its slots
  /// become free. Nil if nothing is ready: the caller then no longer drains, and another worker may begin to.
  @inlinable
  func takeReady() -> [Element]? {
    let (ready, admissions) = state.withLock { state -> ([Element]?, [Admission]) in
      state.window.freeSlots()
      let admissions = state.admitWaiting()
      if state.window.readyCount == 0 {
        state.isDraining = false
        return (nil, admissions)
      }
      return (state.window.takeReady(), admissions)
    }
    resume(admissions)
    return ready
  }

  /// Whether elements are ready and no worker drains.
  @inlinable var isWithholding: Bool { state.withLock { !$0.isDraining && $0.window.readyCount > 0 } }

  /// How many elements are finished and have not been taken.
  @inlinable var remaining: Int { state.withLock { $0.window.finishedCount } }
}
