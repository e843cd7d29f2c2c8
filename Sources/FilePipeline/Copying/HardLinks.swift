import FileEngines
import Synchronization

/// Recreates hard links. Of the names of a file, the first that a worker takes is copied; the other names wait for the
/// copy and become links to it.
final class HardLinks: Sendable {
  /// The number of files that are tracked at a time; each name of a further one gets a copy of its own. A guess: each
  /// takes some 200 bytes. A file is forgotten after all of its names have been claimed, which never happens if it has
  /// names outside of the tree.
  static let most = 1 << 18

  struct Copy: Sendable {
    /// Nil in a dry run if the directory does not exist.
    let directory: TargetDirectory?
    let name: [UInt8]
    /// In a dry run: the existing file that keeps the name.
    var kept: FileIdentity?
    /// The reducer's output for the file.
    var output: (any Sendable)?
  }

  enum Claim: Sendable {
    /// The caller must copy the file, and then call ``settle(_:as:)``.
    case first
    case copied(Copy)
    /// The caller must copy the file. It is not tracked.
    case untracked
  }

  private struct File {
    var copy: Copy?
    var waiting: [CheckedContinuation<Claim, Never>] = []
    /// The number of names that have not been claimed.
    var namesLeft: Int

    var isDone: Bool { copy != nil && namesLeft <= 0 }
  }

  private let files = Mutex<[FileIdentity: File]>([:])

  /// Claims a name of a file. Suspends while another worker copies the file, which waits for no other claim.
  /// Cancellation does not end the wait.
  ///
  /// - Parameter isFirst: false if the name was claimed before, and is retried.
  func claim(_ file: FileIdentity, linkCount: Int, isFirst: Bool) async -> Claim {
    await withCheckedContinuation { continuation in
      let claim = files.withLock { files -> Claim? in
        guard var known = files[file] else {
          if files.count >= Self.most { return .untracked }
          files[file] = File(namesLeft: linkCount - 1)
          return .first
        }
        if isFirst { known.namesLeft -= 1 }
        if known.copy == nil { known.waiting.append(continuation) }
        files[file] = known.isDone ? nil : known
        return known.copy.map { .copied($0) }
      }
      if let claim { continuation.resume(returning: claim) }
    }
  }

  /// Ends a claim with the copy; or with nil if copying has failed: then the next waiting worker copies the file.
  func settle(_ file: FileIdentity, as copy: Copy?) {
    let (woken, claim) = files.withLock { files -> ([CheckedContinuation<Claim, Never>], Claim) in
      guard var known = files[file] else { return ([], .first) }
      if let copy {
        known.copy = copy
        let waiting = known.waiting
        known.waiting = []
        files[file] = known.isDone ? nil : known
        return (waiting, .copied(copy))
      }
      let next = known.waiting.isEmpty ? [] : [known.waiting.removeFirst()]
      // Forgotten, so that a retry of the name finds itself the first.
      files[file] = next.isEmpty ? nil : known
      return (next, .first)
    }
    for continuation in woken { continuation.resume(returning: claim) }
  }
}
