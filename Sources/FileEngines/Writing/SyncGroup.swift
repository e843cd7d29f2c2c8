import Synchronization
import SystemPackage

/// Brings files of one file system to the disk by one call, syncfs(2), and then gives each its name (group commit, as a
/// data base makes it).
///
/// A file that is written joins the group. Some task then leads a commit of all that have joined: one that waits for a
/// file, or the one whose file makes the group large enough. Files that join meanwhile are committed together next, so
/// that no timer and no task of its own is needed. While a commit gives its files their names the next one may
/// synchronize.
final class SyncGroup: Sendable {
  /// How many files are open, and wait for a commit, before the task that writes one more waits for it as well. As many
  /// again are being synchronized, as many get their names, as a rule, and each task has one at hand.
  ///
  /// An eighth of the process's descriptors, and as many as the window of a pipeline over files: a guess.
  static let most = max(1, min(4096, DescriptorLimit.soft / 8))

  /// How many files are worth a commit that no task waits for yet.
  static let worthwhile = max(1, min(1024, most / 2))

  fileprivate typealias Waiter = UnsafeContinuation<Void, Never>

  fileprivate struct State {
    var isSynchronizing = false
    /// Those that no commit has taken.
    var files: [GroupedFile] = []
    /// Tasks that look again when a step of a commit has ended.
    var waiting: [Waiter] = []

    /// What the caller is to commit; nil if others are synchronized just now.
    mutating func beginCommit() -> [GroupedFile]? {
      if isSynchronizing { return nil }
      isSynchronizing = true
      defer { files = [] }
      for file in files { file.noteCommit() }
      return files
    }
  }

  /// The two steps of a commit. They settle all files in the end, and do not throw.
  protocol Steps: Sendable {
    /// Returns what went wrong, if anything.
    func synchronize(_ files: [GroupedFile]) async -> FileError.Cause?
    func publish(_ files: [GroupedFile], after failure: FileError.Cause?) async
  }

  private let state = Mutex(State())

  /// How many tasks wait for a step of a commit; for tests.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// A file joins.
  ///
  /// - Returns: whether the caller is to wait for it: so many wait by now that they are to be committed, or that there
  ///   is no room for more.
  func add(_ file: GroupedFile) -> Bool {
    state.withLock { state in
      state.files.append(file)
      return state.files.count >= (state.isSynchronizing ? Self.most : Self.worthwhile)
    }
  }

  /// No task waits for a file any more. One that no commit has taken leaves the group, which would keep its directory.
  func abandon(_ file: GroupedFile) {
    state.withLock { state in
      if let index = state.files.lastIndex(where: { $0 === file }) { state.files.remove(at: index) }
    }
    file.abandon()
  }

  fileprivate enum Turn {
    case settled
    case leader(of: [GroupedFile])
    case wait
  }

  /// Returns when the file is settled. Cancelling the task does not shorten the wait: for two commits at the most.
  ///
  /// - Parameter steps: of the commit, if it is the caller's turn to lead it.
  func wait(for file: GroupedFile, _ steps: some Steps) async {
    while true {
      switch state.withLock({ $0.turn(of: file) }) {
      case .settled: return
      case .wait: await untilNextStep(file)
      case .leader(let files):
        let failure = await steps.synchronize(files)
        wake { $0.isSynchronizing = false }
        await steps.publish(files, after: failure)
        wake { _ in }
      }
    }
  }

  private func untilNextStep(_ file: GroupedFile) async {
    await withUnsafeContinuation { waiter in
      let waits = state.withLock { state in
        let waits = !file.isSettled && (state.isSynchronizing || file.isInCommit)
        if waits { state.waiting.append(waiter) }
        return waits
      }
      if !waits { waiter.resume() }
    }
  }

  private func wake(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in waiting { waiter.resume() }
  }
}

extension SyncGroup.State {
  fileprivate mutating func turn(of file: GroupedFile) -> SyncGroup.Turn {
    if file.isSettled { return .settled }
    if file.isInCommit { return .wait }
    return beginCommit().map { .leader(of: $0) } ?? .wait
  }
}
