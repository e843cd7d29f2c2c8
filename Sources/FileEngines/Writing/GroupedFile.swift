import LinuxSystem
import Synchronization
import SystemPackage

/// A file that is complete but for its name, and what became of it.
final class GroupedFile: Sendable {
  private struct State: ~Copyable {
    /// Nil while it is in use, and once it is settled or dropped.
    var file: TemporaryFile?
    var isAbandoned = false
    /// Whether a commit has taken it.
    var isInCommit = false
    /// What became of it, once that is known: what went wrong, or nil if it has its name.
    var outcome: FileError??
  }

  private let state: Mutex<State>
  let target: TargetReference

  init(_ file: consuming TemporaryFile) {
    target = file.file.target
    state = Mutex(State(file: file))
  }

  /// Whether it has its name, or could not be given it.
  var isSettled: Bool { state.withLock { $0.outcome != nil } }

  /// Whether a commit has taken it, which will settle it.
  var isInCommit: Bool { state.withLock { $0.isInCommit } }

  /// What went wrong with a settled file, if anything.
  var failure: FileError? { state.withLock { $0.outcome ?? nil } }

  func noteCommit() {
    state.withLock { $0.isInCommit = true }
  }

  /// The file, to be used or dropped; nil if there is none any more. Dropping it discards it.
  private func take() -> TemporaryFile? { state.withLock { $0.file.take() } }

  /// Puts a file back that was not published. One that was abandoned meanwhile is dropped.
  private func put(_ file: consuming TemporaryFile) {
    var file: TemporaryFile? = file
    state.withLock { state in
      if !state.isAbandoned { state.file = file.take() }
    }
  }

  private func settle(_ failure: FileError?) {
    state.withLock { $0.outcome = .some(failure) }
  }

  /// No task waits for it any more: unless it is getting its name it goes without one.
  func abandon() {
    let file = state.withLock { state in
      state.isAbandoned = true
      // What a commit has taken the commit settles.
      if !state.isInCommit { state.outcome = .some(nil) }
      return state.file.take()
    }
    _ = consume file
  }
}

// MARK: Commits

extension GroupedFile {
  /// Brings files to the disk, if any of them was not abandoned. Blocks.
  ///
  /// - Parameter synchronize: brings all that was written to the file system of a file to the disk.
  /// - Returns: what went wrong, if anything.
  static func synchronize(
    _ files: [GroupedFile], _ synchronize: (FileDescriptor) throws(Errno) -> Void = synchronizeFileSystem
  ) -> FileError.Cause? {
    for grouped in files {
      guard let file = grouped.take() else { continue }
      var failure: FileError.Cause?
      do throws(Errno) {
        try synchronize(file.file.descriptor)
      } catch {
        failure = .system(error)
      }
      grouped.put(file)
      return failure
    }
    return nil
  }

  /// Gives files their names, or discards those that could not be brought to the disk. All of them are settled then.
  /// Blocks.
  ///
  /// - Parameters:
  ///   - failure: of synchronizing the file system. It may be another file's, or another process's, and from before
  ///     these files were made: then each is asked for its own.
  ///   - synchronize: brings one file to the disk.
  static func publish(
    _ files: [GroupedFile], after failure: FileError.Cause?,
    _ synchronize: (borrowing WritableFile) throws(FileError) -> Void = { file throws(FileError) in
      try file.synchronize(dataOnly: false)
    }
  ) {
    for grouped in files {
      guard var file = grouped.take() else {
        // It was abandoned, and no task will ask.
        grouped.settle(nil)
        continue
      }
      if let failure {
        do throws(FileError) {
          guard case .system = failure else { throw FileError(grouped.target.reference, .sync, failure) }
          try synchronize(file.file)
        } catch {
          file.discard()
          grouped.settle(error)
          continue
        }
      }
      do throws(FileError) {
        try file.publish()
        grouped.settle(nil)
      } catch {
        grouped.settle(error)
      }
    }
  }
}
