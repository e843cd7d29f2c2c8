/// A whole file in a target tree that is written, and need not have its name yet: see
/// ``FileWriting/writeUnpublished(_:in:from:count:options:)``.
///
/// One that is dropped before it was published is discarded, by the thread that drops it: nothing is left of it.
public final class UnpublishedFile: Sendable {
  /// Nil if it has had its name from the beginning.
  private let pending: Pending?

  private struct Pending: Sendable {
    let file: GroupedFile
    let group: SyncGroup
    let calls: any BlockingCalls & Sendable
  }

  /// It has its name already.
  package init() {
    pending = nil
  }

  init(_ file: GroupedFile, in group: SyncGroup, by calls: any BlockingCalls & Sendable) {
    pending = Pending(file: file, group: group, calls: calls)
  }

  deinit {
    guard let pending, !pending.file.isSettled else { return }
    pending.group.abandon(pending.file)
  }

  /// Whether ``publish()`` has nothing to wait for: the file has its name, or could not be given it.
  public var isSettled: Bool { pending?.file.isSettled ?? true }

  /// Returns when the contents are on the disk and the file has its name. Together with it all files of its file system
  /// are published that were written into the tree before they are brought to the disk. May be called again, and by
  /// several tasks; cancelling them does not shorten the wait.
  ///
  /// - Throws: if the file could not have its name: the target is as it was, and nothing is left of the new file.
  public func publish() async throws(FileError) {
    guard let pending else { return }
    await pending.group.wait(for: pending.file, GroupCommit(target: pending.file.target, calls: pending.calls))
    if let failure = pending.file.failure { throw failure }
  }
}

/// The steps of a commit as an engine makes them, each in one visit to a thread.
private struct GroupCommit: SyncGroup.Steps {
  /// What an error names if there is no thread.
  let target: TargetReference
  let calls: any BlockingCalls & Sendable

  func synchronize(_ files: [GroupedFile]) async -> FileError.Cause? {
    do throws(FileError) {
      return try await calls.blocking(target.reference, .sync, isSlow: false) { () throws(FileError) in
        GroupedFile.synchronize(files)
      }
    } catch {
      return error.cause
    }
  }

  func publish(_ files: [GroupedFile], after failure: FileError.Cause?) async {
    do throws(FileError) {
      try await calls.blocking(target.reference, .link, isSlow: false) { () throws(FileError) in
        GroupedFile.publish(files, after: failure)
      }
    } catch {
      GroupedFile.publish(files, after: failure ?? error.cause)
    }
  }
}
