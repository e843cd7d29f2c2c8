import Dispatch
import Synchronization

/// What is to be listed ahead of the walk, in the order in which the walk will come to it.
///
/// How much is ahead of the walk is bounded for each directory, so that those far away do not take the room of those that are
/// found in the near ones meanwhile; and in all.
final class ListingQueue: Sendable {
  private struct State {
    /// Directories with subdirectories that nobody has asked for; the walk comes first to those of the last.
    var parents: [ListedDirectory] = []
    /// Directories that were asked for, and that the walk has not taken.
    var outstanding = 0
    /// Their entries, as far as they are listed.
    var entries = 0
    var sleepers = 0
    var isClosed = false
  }

  private let pace: WaitPace
  private let limits: Limits
  private let state = Mutex(State())
  private let wakeUps = DispatchSemaphore(value: 0)

  struct Limits {
    /// Of the directories that are ahead of the walk.
    let directories: Int
    /// Of one directory's subdirectories among them.
    let perDirectory: Int
    /// Of their entries; each thread may exceed it by one directory.
    let entries: Int
  }

  /// - Parameter pace: says whether anything is to be listed ahead just now.
  init(_ pace: WaitPace, _ limits: Limits) {
    (self.pace, self.limits) = (pace, limits)
  }

  /// For the threads that list: waits until there is something to be listed. Nil at the end.
  func next() -> PendingListing? {
    while true {
      let (next, isClosed, shallWake) = state.withLock { state -> (PendingListing?, Bool, Bool) in
        if state.isClosed { return (nil, true, false) }
        let next = takeNext(&state)
        if next == nil { state.sleepers += 1 }
        return (next, false, next != nil && takeSleeper(&state))
      }
      if shallWake { wakeUps.signal() }
      if next != nil || isClosed { return next }
      wakeUps.wait()
    }
  }

  private func takeNext(_ state: inout State) -> PendingListing? {
    guard isWanted(state) else { return nil }
    for index in state.parents.indices.reversed() {
      switch state.parents[index].askForNext(limit: limits.perDirectory) {
      case .pending(let pending):
        state.outstanding += 1
        return pending
      case .notNow: continue
      case .none: state.parents.remove(at: index)
      }
    }
    return nil
  }

  private func isWanted(_ state: borrowing State) -> Bool {
    pace.callsWait && state.outstanding < limits.directories && state.entries < limits.entries
  }

  /// One that sleeps is woken if there is something for it; it wakes the next.
  private func takeSleeper(_ state: inout State) -> Bool {
    guard state.sleepers > 0, !state.parents.isEmpty, isWanted(state) else { return false }
    state.sleepers -= 1
    return true
  }

  /// A directory has been listed whose subdirectories are to be listed ahead.
  func add(_ directory: ListedDirectory) {
    guard directory.entersQueue() else { return }
    let shallWake = state.withLock { state in
      let index = state.parents.lastIndex { directory.place.precedes($0.place) }
      state.parents.insert(directory, at: index.map { $0 + 1 } ?? 0)
      return takeSleeper(&state)
    }
    if shallWake { wakeUps.signal() }
  }

  /// What was asked for here has been listed.
  func listed(_ directory: ListedDirectory) {
    state.withLock { $0.entries += directory.entries.count }
    if pace.callsWait { add(directory) }
  }

  /// The walk has taken a directory that was asked for here.
  func took(_ listed: Listed) {
    let shallWake = state.withLock { state in
      state.outstanding -= 1
      if case .success(let directory) = listed { state.entries -= directory.entries.count }
      return takeSleeper(&state)
    }
    if shallWake { wakeUps.signal() }
  }

  /// There will be nothing more.
  func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      state.parents = []
      defer { state.sleepers = 0 }
      return state.sleepers
    }
    for _ in 0..<sleepers { wakeUps.signal() }
  }
}
