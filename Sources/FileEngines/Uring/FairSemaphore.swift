import LinuxSystem
import Synchronization

/// Permits of which no loop can take all: a semaphore for the tasks of several loops.
///
/// A file of a daemon or a server has a permit from before it is opened until it is closed; there are as many permits
/// as threads that may wait for such files. So files that hang hold up those before them only as they do where each
/// thread reads one file (``ThreadsEngine``). And a process that ends has no more of them open than its threads are
/// stuck in: closing one may wait for its daemon, and no signal ends a wait that is part of the process's end.
///
/// The tasks of one loop are served in their order. Another loop may be behind, with files that come first in the order
/// of the run: some permits are reserved for each.
final class FairSemaphore: Sendable {
  fileprivate struct Waiter {
    /// Counts the waiters of all loops.
    let number: UInt64
    let continuation: UnsafeContinuation<Bool, Never>
  }

  fileprivate struct State {
    var free: Int
    /// By loop: the permits that its tasks hold, and the tasks that wait for one.
    var held: [Int]
    var waiting: [CancellableFIFO<Waiter>]
    var lastNumber: UInt64 = 0
  }

  private let state: Mutex<State>
  /// For each loop. A guess: a quarter of the permits is reserved so, or one for each as long as there are so many.
  private let reserve: Int

  init(count: Int, loops: Int) {
    reserve = max(count / (4 * loops), min(1, (count - 1) / loops))
    state = Mutex(
      State(
        free: count, held: Array(repeating: 0, count: loops),
        waiting: Array(repeating: CancellableFIFO(), count: loops)))
  }

  /// Suspends until there is a permit. False if the task is cancelled: then it holds none.
  func acquire(loop: Int) async -> Bool {
    let id = state.withLock { $0.waiting[loop].reserve() }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          // A cancellation before this has found no waiter.
          let isCancelled = Task.isCancelled
          if isCancelled || state.claim(loop, reserve) {
            state.waiting[loop].release(id)
            return !isCancelled
          }
          state.lastNumber += 1
          state.waiting[loop].append(Waiter(number: state.lastNumber, continuation: continuation), as: id)
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      state.withLock { $0.waiting[loop].remove(id) }?.continuation.resume(returning: false)
    }
  }

  /// Gives a permit back.
  func release(loop: Int) {
    let next = state.withLock { state in
      state.free += 1
      state.held[loop] -= 1
      return state.serve(reserve)
    }
    next?.continuation.resume(returning: true)
  }
}

extension FairSemaphore.State {
  /// Takes a permit, unless others wait for it or it is reserved for another loop.
  fileprivate mutating func claim(_ loop: Int, _ reserve: Int) -> Bool {
    if !waiting[loop].isEmpty || !hasPermit(for: loop, reserve) { return false }
    free -= 1
    held[loop] += 1
    return true
  }

  private func hasPermit(for loop: Int, _ reserve: Int) -> Bool {
    let reserved = held.indices.reduce(0) { $0 + ($1 == loop ? 0 : max(0, reserve - held[$1])) }
    return free > reserved
  }

  /// Gives a permit that has become free to the task that has waited longest, of those that it is not reserved from.
  fileprivate mutating func serve(_ reserve: Int) -> FairSemaphore.Waiter? {
    let waitingLoops = waiting.indices.filter { !waiting[$0].isEmpty && hasPermit(for: $0, reserve) }
    guard let loop = waitingLoops.min(by: { waiting[$0].first!.number < waiting[$1].first!.number }) else { return nil }
    free -= 1
    held[loop] += 1
    return waiting[loop].popFirst()
  }
}
