import Dispatch
import Synchronization

/// What is to be listed ahead of the walk, in the order in which the walk will come to it.
///
/// How much is ahead of the walk is bounded for each directory, so that those far away do not take the room of those
/// that are found in the near ones meanwhile; and in all. A directory that has come to its bound is asked again when
/// half of that has been taken, so that a thread that is woken for it finds more than one.
final class ListingQueue: Sendable {
  private struct State {
    /// Directories with subdirectories that may be asked for now; the walk comes first to those of the last.
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
    while let parent = state.parents.last {
      let (pending, hasMore) = parent.askForNext(limit: limits.perDirectory)
      // It comes back, if it does, when the walk has taken some of its subdirectories.
      if !hasMore { state.parents.removeLast() }
      if let pending {
        state.outstanding += 1
        return pending
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

  /// A directory has been listed whose subdirectories are to be listed ahead. Those that sleep may have others to list,
  /// too: where listing has not waited for a while nothing was wanted of them.
  func add(_ directory: ListedDirectory) {
    let isParent = directory.entersQueue()
    let shallWake = state.withLock { state in
      if isParent { insert(directory, &state) }
      return takeSleeper(&state)
    }
    if shallWake { wakeUps.signal() }
  }

  private func insert(_ directory: ListedDirectory, _ state: inout State) {
    let index = state.parents.lastIndex { directory.place.precedes($0.place) }
    state.parents.insert(directory, at: index.map { $0 + 1 } ?? 0)
  }

  /// What was asked for here has been listed.
  func listed(_ directory: ListedDirectory) {
    let isParent = pace.callsWait && directory.entersQueue()
    state.withLock { state in
      state.entries += directory.entries.count
      // The caller goes on with that, and wakes another if there is more.
      if isParent { insert(directory, &state) }
    }
  }

  /// The walk has taken a directory that was asked for here.
  func took(_ listed: Listed, from parent: ListedDirectory) {
    let comesBack = parent.endsRest(limit: limits.perDirectory)
    let shallWake = state.withLock { state in
      if comesBack { insert(parent, &state) }
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
