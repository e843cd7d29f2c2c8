import DequeModule
import Synchronization

/// How many files of daemons and servers are read at a time: as many as there may be threads that wait for them.
///
/// A file has its place from before it is opened until it is closed. So files that hang hold up those before them only
/// as they do where each thread reads one file (``ThreadsEngine``). And a process that ends has no more of them open
/// than its threads are stuck in: closing one may wait for its daemon, and no signal ends a wait that is part of the
/// process's end.
///
/// The tasks of one loop are served in their order. Another loop may be behind, with files that come first in the order
/// of the run: some places are kept for each.
final class SlowFilePlaces: Sendable {
  fileprivate struct Waiter {
    let id: UInt64
    let continuation: UnsafeContinuation<Bool, Never>
  }

  fileprivate struct State {
    var free: Int
    /// Of each loop: places that its files have, and tasks that wait for one.
    var taken: [Int]
    var waiting: [Deque<Waiter>]
    var lastID: UInt64 = 0
  }

  private let state: Mutex<State>
  /// For each loop. A guess: a quarter of the places is kept so, or one for each as long as there are so many.
  private let reserve: Int

  init(count: Int, loops: Int) {
    reserve = max(count / (4 * loops), min(1, (count - 1) / loops))
    state = Mutex(
      State(free: count, taken: Array(repeating: 0, count: loops), waiting: Array(repeating: [], count: loops)))
  }

  /// Suspends until there is a place. False if the task is cancelled: then it has none.
  func take(loop: Int) async -> Bool {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          // A cancellation before this has found nobody.
          if Task.isCancelled { return false }
          if state.claim(loop, reserve) { return true }
          state.waiting[loop].append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      state.withLock { $0.cancel(id, loop) }?.continuation.resume(returning: false)
    }
  }

  /// Gives the place of a file back.
  func giveBack(loop: Int) {
    let next = state.withLock { state in
      state.free += 1
      state.taken[loop] -= 1
      return state.serve(reserve)
    }
    next?.continuation.resume(returning: true)
  }
}

extension SlowFilePlaces.State {
  /// Takes a place, unless others wait for it or it is kept for another loop.
  fileprivate mutating func claim(_ loop: Int, _ reserve: Int) -> Bool {
    if !waiting[loop].isEmpty || !hasPlace(for: loop, reserve) { return false }
    free -= 1
    taken[loop] += 1
    return true
  }

  private func hasPlace(for loop: Int, _ reserve: Int) -> Bool {
    let kept = taken.indices.reduce(0) { $0 + ($1 == loop ? 0 : max(0, reserve - taken[$1])) }
    return free > kept
  }

  /// Gives a place that has come free to the task that waits longest, of those that it is not kept from.
  fileprivate mutating func serve(_ reserve: Int) -> SlowFilePlaces.Waiter? {
    let waitingLoops = waiting.indices.filter { !waiting[$0].isEmpty && hasPlace(for: $0, reserve) }
    guard let loop = waitingLoops.min(by: { waiting[$0][0].id < waiting[$1][0].id }) else { return nil }
    free -= 1
    taken[loop] += 1
    return waiting[loop].popFirst()
  }

  fileprivate mutating func cancel(_ id: UInt64, _ loop: Int) -> SlowFilePlaces.Waiter? {
    waiting[loop].firstIndex { $0.id == id }.map { waiting[loop].remove(at: $0) }
  }
}
