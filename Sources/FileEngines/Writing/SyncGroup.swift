import IOUring
import Synchronization
import SystemPackage

/// Lets the files of one file system that are written at the same time reach the disk by one call, syncfs(2): who comes
/// while one is under way waits for the next, which then serves all that have come (group commit, as a data base makes
/// it).
final class SyncGroup: Sendable {
  /// What went wrong, if anything.
  typealias Outcome = FileError.Cause?
  private typealias Waiter = UnsafeContinuation<Role, Never>

  private enum Role {
    /// To synchronize, for these as well.
    case leader(of: [Waiter])
    case served(Outcome)
  }

  private struct State {
    var isSynchronizing = false
    var waiting: [Waiter] = []
  }

  private let state = Mutex(State())

  /// How many wait for the next synchronization.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Returns when all that was written to the file system before is on the disk, or could not be brought there.
  /// Cancelling the task does not shorten the wait: for two synchronizations at the most.
  ///
  /// - Parameter synchronize: is called if it is the caller's turn to do it.
  func wait(_ synchronize: () async -> Outcome) async -> Outcome {
    let role = await withUnsafeContinuation { waiter in
      let isFirst = state.withLock { state in
        defer { state.isSynchronizing = true }
        if state.isSynchronizing { state.waiting.append(waiter) }
        return !state.isSynchronizing
      }
      if isFirst { waiter.resume(returning: .leader(of: [])) }
    }
    switch role {
    case .served(let outcome): return outcome
    case .leader(let others):
      let outcome = await synchronize()
      for waiter in others { waiter.resume(returning: .served(outcome)) }
      passOn()
      return outcome
    }
  }

  /// The first of those that have come meanwhile is the next leader.
  private func passOn() {
    let waiting = state.withLock { state in
      state.isSynchronizing = !state.waiting.isEmpty
      defer { state.waiting = [] }
      return state.waiting
    }
    waiting.first?.resume(returning: .leader(of: Array(waiting.dropFirst())))
  }
}

extension BlockingCalls {
  /// Waits until a file that was written is on the disk, together with others.
  func synchronize(
    _ file: FileReference, _ descriptor: FileDescriptor, in group: SyncGroup, isSlow: Bool
  ) async throws(FileError) {
    let failure = await group.wait { () async -> SyncGroup.Outcome in
      do throws(FileError) {
        try await blocking(file, .sync, isSlow: isSlow) { () throws(FileError) in
          do throws(Errno) {
            try synchronizeFileSystem(of: descriptor)
          } catch {
            throw FileError(file, .sync, .system(error))
          }
        }
        return nil
      } catch {
        return error.cause
      }
    }
    if let failure { throw FileError(file, .sync, failure) }
  }
}
